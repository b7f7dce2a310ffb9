import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import type { UserRoles } from "../../../application/user_roles.ts";
import { ROLES } from "../../../domain/identity/role.ts";
import { answerJson } from "../answer.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { acceptsJson } from "../middleware/acceptance.ts";
import { permitted } from "../middleware/authentication.ts";
import type { BodyPace } from "../middleware/body_pace.ts";
import { jsonBody } from "../middleware/json_body.ts";
import {
  BEARER,
  BODY_PROBLEMS,
  jsonResponse,
  problemResponses,
  TOKEN_PROBLEMS,
} from "../openapi.ts";

/** What the routes of roles take. */
export interface UserRolesRoutesParts {
  readonly application: Application;
  readonly maxBodyBytes: number;
  readonly bodyPace: BodyPace;
}

const PATH = "/api/v1/users/{id}/roles";
const MAX_ID_LENGTH = 256;
const ID_EXPECTED = `1 to ${MAX_ID_LENGTH} characters, percent-encoded as UTF-8`;

const paramsSchema = z.object({
  id: z.string().min(1, ID_EXPECTED).max(MAX_ID_LENGTH, ID_EXPECTED)
    .meta({ description: "The `sub` of the user's tokens, percent-encoded." }),
});

const requestSchema = z.strictObject({
  roles: z.array(z.enum(ROLES)).max(ROLES.length, `at most ${ROLES.length} roles`)
    .meta({ maxItems: ROLES.length, examples: [["developer"]] }),
}).openapi("RolesRequest");

const userRolesSchema = z.object({
  user_id: z.string(),
  roles: z.array(z.enum(ROLES)),
  source: z.enum(["stored", "token", "unknown"]).meta({
    description:
      "`stored`: kept here, whatever a token says. `token`: nothing is stored, so those " +
      "of the token that asks. `unknown`: nothing is stored, and the token is somebody else's.",
  }),
}).openapi("UserRoles");

const answer = jsonResponse("The user's roles.", userRolesSchema);

const getRoute = createRoute({
  method: "get",
  path: PATH,
  summary: "The roles of a user",
  description: "For admins, and for the user.",
  security: BEARER,
  middleware: [acceptsJson()] as const,
  request: { params: paramsSchema },
  responses: {
    200: answer,
    ...problemResponses([
      ...TOKEN_PROBLEMS,
      "forbidden",
      "not_acceptable",
      "validation_failed",
      "dependency_unavailable",
    ]),
  },
});

/** `GET`, `PUT` and `POST /api/v1/users/{id}/roles`. */
export function addUserRolesRoutes(app: OpenAPIHono<HttpEnv>, parts: UserRolesRoutesParts): void {
  const { application } = parts;
  app.openapi(getRoute, async (c) => {
    const found = await application.getUserRoles(c.req.valid("param").id, requestContext(c));
    return answerJson(wireUserRoles(found), 200);
  });
  for (const { kind, ...route } of CHANGES) {
    app.openapi(changeRoute(route, parts), async (c) => {
      const command = { user: c.req.valid("param").id, kind, ...c.req.valid("json") };
      const changed = await application.changeUserRoles(command, requestContext(c));
      return answerJson(wireUserRoles(changed), 200);
    });
  }
}

const CHANGES = [
  { kind: "replace", method: "put", summary: "Store these roles for a user, and no others" },
  { kind: "add", method: "post", summary: "Store these roles for a user, beside those stored" },
] as const;

type ChangeRoute = Omit<typeof CHANGES[number], "kind">;

function changeRoute({ method, summary }: ChangeRoute, parts: UserRolesRoutesParts) {
  return createRoute({
    method,
    path: PATH,
    summary,
    description: "What is stored counts in the place of the roles that the user's tokens say: at " +
      "once here, within 60 s in other instances.",
    security: BEARER,
    middleware: [
      permitted("system:admin"),
      acceptsJson(),
      jsonBody(parts.maxBodyBytes, parts.bodyPace),
    ] as const,
    request: {
      params: paramsSchema,
      body: { required: true, content: { "application/json": { schema: requestSchema } } },
    },
    responses: {
      200: answer,
      ...problemResponses([
        ...TOKEN_PROBLEMS,
        ...BODY_PROBLEMS,
        "forbidden",
        "not_acceptable",
        "last_admin",
        "dependency_unavailable",
      ]),
    },
  });
}

function wireUserRoles({ user, roles, source }: UserRoles): z.output<typeof userRolesSchema> {
  return { user_id: user, roles: [...roles], source };
}
