import { RedisScript } from "../script.ts";
import { PRELUDE } from "./prelude.ts";

/** Milliseconds that a job which has not come to the queue stays; then it never was. */
const GRACE_MS = 60_000;

/**
 * ARGV: …, owner, what stands for that and for the key, fingerprint, quota, most bytes of the owner's, most jobs of
 * all, most bytes of these, priority, facts, body, until when somebody waits for the answer (by this Redis' own clock, milliseconds). Its answer ends with what that
 * clock says. What comes later than that was refused long ago: it must not come in after all.
 */
export const ADMIT = new RedisScript(`${PRELUDE}
local at = now()
if at > tonumber(ARGV[14]) then return {'late', '', at} end
local owner, mine, key, fingerprint, quota = ARGV[3], ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7])
local function isKnown(other) return redis.call('EXISTS', P .. 'job:' .. other) == 1 end
if key ~= '' then
  local held = redis.call('HMGET', P .. 'key:' .. key, 'id', 'fingerprint')
  if held[1] and isKnown(held[1]) then
    if held[2] ~= fingerprint then return {'reused', '', at} end
    return {'known', held[1], at}
  end
end
local own, held, size = P .. 'owner:' .. mine, 0, #ARGV[13]
for _, other in ipairs(redis.call('SMEMBERS', own)) do
  if not isKnown(other) then redis.call('SREM', own, other) end
  held = held + redis.call('STRLEN', P .. 'body:' .. other)
end
local inHand = redis.call('SCARD', own)
if inHand >= quota then return {'full', inHand, at} end
if held > 0 and held + size > tonumber(ARGV[8]) then return {'heavy', held, at} end
local all = tonumber(redis.call('GET', P .. 'bytes')) or 0
if redis.call('ZCARD', P .. 'open') >= tonumber(ARGV[9]) or (all > 0 and all + size > tonumber(ARGV[10])) then
  return {'crowded', '', at}
end
redis.call('HSET', job, 'id', id, 'owner', owner, 'mine', mine, 'key', key, 'priority', ARGV[11],
  'facts', ARGV[12], 'state', 'queued', 'attempts', 0, 'stop', 0, 'from', '0-0')
redis.call('PEXPIRE', job, ${GRACE_MS})
redis.call('INCRBY', P .. 'bytes', size)
redis.call('SET', body, ARGV[13], 'PX', ${GRACE_MS})
redis.call('SADD', own, id)
redis.call('ZADD', P .. 'open', at, id)
if key ~= '' then
  redis.call('DEL', P .. 'key:' .. key)
  redis.call('HSET', P .. 'key:' .. key, 'id', id, 'fingerprint', fingerprint)
  redis.call('PEXPIRE', P .. 'key:' .. key, ${GRACE_MS})
end
return {'added', '', at}`);

/**
 * ARGV: …, what stands for the owner and for the key, fingerprint, quota, most jobs of all. What ADMIT would refuse or
 * know now: a body of megabytes need not be sent to hear that. It alone lets in.
 */
export const LOOK = new RedisScript(`${PRELUDE}
local key, own, quota = ARGV[4], P .. 'owner:' .. ARGV[3], tonumber(ARGV[6])
local function isKnown(other) return redis.call('EXISTS', P .. 'job:' .. other) == 1 end
if key ~= '' then
  local held = redis.call('HMGET', P .. 'key:' .. key, 'id', 'fingerprint')
  if held[1] and isKnown(held[1]) then
    if held[2] ~= ARGV[5] then return {'reused', ''} end
    return {'known', held[1]}
  end
end
if redis.call('SCARD', own) >= quota then
  local inHand = 0
  for _, other in ipairs(redis.call('SMEMBERS', own)) do
    if isKnown(other) then inHand = inHand + 1 end
  end
  if inHand >= quota then return {'full', inHand} end
end
if redis.call('ZCARD', P .. 'open') >= tonumber(ARGV[7]) then return {'crowded', ''} end
return {'added', ''}`);

/** The job has come to the queue. */
export const CONFIRM = new RedisScript(`${PRELUDE}
local facts = redis.call('HMGET', job, 'state', 'key')
if facts[1] == 'queued' or facts[1] == 'running' then
  redis.call('PERSIST', job)
  redis.call('PERSIST', body)
  if facts[2] ~= '' then redis.call('PERSIST', P .. 'key:' .. facts[2]) end
end`);
