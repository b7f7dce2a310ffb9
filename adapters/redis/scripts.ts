import { RedisScript } from "./script.ts";

// A bell is a key that is set only to be deleted: who tracks its prefix is told so, and nothing remains.
// What takes something away must work on a Redis that is full, too.
const WHEN_FULL_TOO = "#!lua flags=allow-oom\n";
const RING = "redis.call('SET', KEYS[2], '') redis.call('DEL', KEYS[2])";

/** KEYS: slot, bell. Takes away what stands there, and tells all. */
export const ERASE: RedisScript = new RedisScript(
  `${WHEN_FULL_TOO}redis.call('DEL', KEYS[1]) ${RING} return 1`,
);

/** KEYS: slot, bell. ARGV: turn, content, milliseconds. As FILL, and tells all whether it stored or not. */
export const REPLACE: RedisScript = new RedisScript(
  `local stands = redis.call('GET', KEYS[1]) == ARGV[1]
  if stands then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
  ${RING} return stands and 1 or 0`,
);

/** KEYS: slot. ARGV: turn, content, milliseconds. Stores where that very turn stands; 0: it does not. */
export const FILL: RedisScript = new RedisScript(
  `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1`,
);

/** KEYS: slot. ARGV: turn. */
export const GIVE_UP: RedisScript = new RedisScript(
  `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end return 1`,
);

/**
 * KEYS: epoch. ARGV: a new epoch. The epoch that holds, which becomes the new one where there is none or
 * the server is another than the one that it was made on: what it kept over its restart may be old.
 */
export const EPOCH: RedisScript = new RedisScript(
  `${WHEN_FULL_TOO}local server = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  local known = redis.call('GET', KEYS[1])
  if known and string.sub(known, 1, #server + 1) == server .. ':' then
    return string.sub(known, #server + 2)
  end
  redis.call('SET', KEYS[1], server .. ':' .. ARGV[1])
  return ARGV[1]`,
);

/** KEYS: epoch. ARGV: a new epoch, which holds from now on. */
export const NEW_EPOCH: RedisScript = new RedisScript(
  `${WHEN_FULL_TOO}local server = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  redis.call('SET', KEYS[1], server .. ':' .. ARGV[1]) return ARGV[1]`,
);
