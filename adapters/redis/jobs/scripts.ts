import { RedisScript } from "../script.ts";

// What is kept of jobs, and every change of it, as scripts: each is one step for all who share a Redis.
// BullMQ beside it only hands ids to workers and knows which of these live.

/** Milliseconds that a job which has not come to the queue stays; then it never was. */
const GRACE_MS = 60_000;
/** Milliseconds that events stay after the last of them. */
const EVENTS_MS = 3_600_000;
const ENDED_EVENTS_MS = 60_000;

/** ARGV: prefix, id. Everything else is named from these. */
const PRELUDE = `
local P, id = ARGV[1], ARGV[2]
local job, body, events = P .. 'job:' .. id, P .. 'body:' .. id, P .. 'events:' .. id
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function last()
  local entry = redis.call('XREVRANGE', events, '+', '-', 'COUNT', 1)[1]
  return entry and entry[1] or '0-0'
end
local function tell(kind, value, ms)
  redis.call('XADD', events, '*', kind, value)
  redis.call('PEXPIRE', events, ms)
  redis.call('PUBLISH', P .. 'news:' .. id, kind)
end
local function finish(state, failure, ttl)
  local facts = redis.call('HMGET', job, 'owner', 'key')
  redis.call('HSET', job, 'state', state, 'failure', failure, 'ended_at', now())
  redis.call('HDEL', job, 'token')
  redis.call('DEL', body)
  redis.call('SREM', P .. 'owner:' .. facts[1], id)
  redis.call('PEXPIRE', job, ttl)
  if facts[2] ~= '' then redis.call('PEXPIRE', P .. 'key:' .. facts[2], ttl) end
  if state == 'dead' then
    redis.call('ZADD', P .. 'dead', redis.call('INCR', P .. 'deaths'), id)
  end
  tell('end', state, ${ENDED_EVENTS_MS})
end
local function finishLost(attempts, ttl)
  finish('dead', cjson.encode({ code = 'worker_lost', attempts = tonumber(attempts) }), ttl)
end
`;

/** ARGV: …, owner, key, fingerprint, quota, priority, facts, body. */
export const ADMIT = new RedisScript(`${PRELUDE}
local owner, key, fingerprint, quota = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local function isKnown(other) return redis.call('EXISTS', P .. 'job:' .. other) == 1 end
if key ~= '' then
  local held = redis.call('HMGET', P .. 'key:' .. key, 'id', 'fingerprint')
  if held[1] and isKnown(held[1]) then
    if held[2] ~= fingerprint then return {'reused'} end
    return {'known', held[1]}
  end
end
local mine = P .. 'owner:' .. owner
for _, other in ipairs(redis.call('SMEMBERS', mine)) do
  if not isKnown(other) then redis.call('SREM', mine, other) end
end
local inHand = redis.call('SCARD', mine)
if inHand >= quota then return {'full', inHand} end
redis.call('HSET', job, 'id', id, 'owner', owner, 'key', key, 'priority', ARGV[7], 'facts', ARGV[8],
  'state', 'queued', 'attempts', 0, 'stop', 0, 'from', '0-0')
redis.call('PEXPIRE', job, ${GRACE_MS})
redis.call('SET', body, ARGV[9], 'PX', ${GRACE_MS})
redis.call('SADD', mine, id)
if key ~= '' then
  redis.call('DEL', P .. 'key:' .. key)
  redis.call('HSET', P .. 'key:' .. key, 'id', id, 'fingerprint', fingerprint)
  redis.call('PEXPIRE', P .. 'key:' .. key, ${GRACE_MS})
end
return {'added'}`);

/** The job has come to the queue. */
export const CONFIRM = new RedisScript(`${PRELUDE}
local facts = redis.call('HMGET', job, 'state', 'key')
if facts[1] == 'queued' or facts[1] == 'running' then
  redis.call('PERSIST', job)
  redis.call('PERSIST', body)
  if facts[2] ~= '' then redis.call('PERSIST', P .. 'key:' .. facts[2]) end
end`);

/** ARGV: …, token, most attempts, ttl. */
export const TAKE = new RedisScript(`${PRELUDE}
local facts = redis.call('HMGET', job, 'state', 'stop', 'attempts', 'key')
local state, stop, attempts = facts[1], facts[2], facts[3]
if state ~= 'queued' and state ~= 'running' then return 0 end
if stop == '1' then
  finish('cancelled', '', ARGV[5])
  return 0
end
if state == 'running' and tonumber(attempts) >= tonumber(ARGV[4]) then
  finishLost(attempts, ARGV[5])
  return 0
end
redis.call('PERSIST', job)
redis.call('PERSIST', body)
if facts[4] ~= '' then redis.call('PERSIST', P .. 'key:' .. facts[4]) end
redis.call('HSET', job, 'state', 'running', 'token', ARGV[3], 'from', last())
tell('started', redis.call('HINCRBY', job, 'attempts', 1), ${EVENTS_MS})
return 1`);

/** ARGV: …, token, state, failure, ttl. */
export const END = new RedisScript(`${PRELUDE}
if redis.call('HGET', job, 'token') ~= ARGV[3] then return 0 end
finish(ARGV[4], ARGV[5], ARGV[6])
return 1`);

/** ARGV: …, token, 1 where the attempt counts, most attempts, ttl. */
export const RELEASE = new RedisScript(`${PRELUDE}
local facts = redis.call('HMGET', job, 'token', 'stop', 'attempts')
if facts[1] ~= ARGV[3] then return 0 end
if facts[2] == '1' then
  finish('cancelled', '', ARGV[6])
  return 0
end
if ARGV[4] == '1' and tonumber(facts[3]) >= tonumber(ARGV[5]) then
  finishLost(facts[3], ARGV[6])
  return 0
end
if ARGV[4] ~= '1' then redis.call('HINCRBY', job, 'attempts', -1) end
redis.call('HSET', job, 'state', 'queued', 'from', last())
redis.call('HDEL', job, 'token')
return 1`);

/** ARGV: …, ttl. */
export const CANCEL = new RedisScript(`${PRELUDE}
local state = redis.call('HGET', job, 'state')
if state == 'queued' then finish('cancelled', '', ARGV[3]) end
if state == 'running' then
  redis.call('HSET', job, 'stop', 1)
  redis.call('PUBLISH', P .. 'stop', id)
end`);

/** ARGV: …, token, then streams and texts in turn. */
export const WROTE = new RedisScript(`${PRELUDE}
if redis.call('HGET', job, 'token') ~= ARGV[3] then return end
for at = 4, #ARGV, 2 do redis.call('XADD', events, '*', ARGV[at], ARGV[at + 1]) end
redis.call('PEXPIRE', events, ${EVENTS_MS})
redis.call('PUBLISH', P .. 'news:' .. id, 'wrote')`);

/** ARGV: prefix, most. Forgets those that are known no more. */
export const DEAD = new RedisScript(`
local dead, found = ARGV[1] .. 'dead', {}
for _, id in ipairs(redis.call('ZREVRANGE', dead, 0, -1)) do
  if #found >= tonumber(ARGV[2]) then break end
  local job = redis.call('HGETALL', ARGV[1] .. 'job:' .. id)
  if #job == 0 then redis.call('ZREM', dead, id) else found[#found + 1] = job end
end
return found`);
