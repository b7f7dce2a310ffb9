import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Application } from "../../../application/application.ts";
import { generateCodeSchema, generatedCodeSchema } from "../../wire/generate_code.ts";
import { answerLongJson } from "../answer.ts";
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

/** What the route takes. */
export interface GenerateCodeRouteParts {
  readonly application: Application;
  readonly maxBodyBytes: number;
  readonly bodyPace: BodyPace;
}

/** `POST /api/v1/generate_code`. */
export function addGenerateCodeRoute(
  app: OpenAPIHono<HttpEnv>,
  { application, maxBodyBytes, bodyPace }: GenerateCodeRouteParts,
): void {
  const route = createRoute({
    method: "post",
    path: "/api/v1/generate_code",
    summary: "Fill a Jinja template in",
    description: "A name that is not given is a fault. Nothing of the output is kept.",
    security: BEARER,
    middleware: [
      permitted("tools:generate"),
      acceptsJson(),
      jsonBody(maxBodyBytes, bodyPace),
    ] as const,
    request: {
      body: { required: true, content: { "application/json": { schema: generateCodeSchema } } },
    },
    responses: {
      200: jsonResponse("What was made of it.", generatedCodeSchema),
      ...problemResponses([
        ...TOKEN_PROBLEMS,
        ...BODY_PROBLEMS,
        "forbidden",
        "not_acceptable",
        "template_invalid",
        "too_many_executions",
        "shutting_down",
      ]),
    },
  });
  app.openapi(route, async (c) => {
    const generated = await application.generateCode(c.req.valid("json"), requestContext(c));
    return answerLongJson({ ...generated }, 200);
  });
}
