import { RedisScript } from "../script.ts";
import { PRELUDE, WHEN_FULL_TOO } from "./prelude.ts";

// What is kept of jobs, and every change of it, as scripts: each is one step for all who share a Redis.
// BullMQ beside it only hands ids to workers and knows which of these live.

/** Milliseconds that events stay after the last of them. */
const EVENTS_MS = 3_600_000;
/**
 * What is kept of a job's output for those who watch it, the newest of it; each piece counts for as much more as an
 * entry takes. As much as a program may write by default, so that who looks later mostly finds all; the result is
 * whole anyway.
 */
export const MOST_LIVE_BYTES = 1_048_576;
export const PIECE_BYTES = 64;
/**
 * How often a job may lose its worker before its program has begun, uncounted: Redis itself may be why. Past that it
 * counts, for the job may be what its workers die of.
 */
const UNBEGUN = 20;
/** Jobs that one sweep looks at. */
const SWEPT = 1000;

/** ARGV: …, token, most attempts, ttl. */
export const TAKE = new RedisScript(`${WHEN_FULL_TOO}${PRELUDE}
local facts = redis.call('HMGET', job, 'state', 'stop', 'attempts', 'key', 'begun')
local state, stop, attempts = facts[1], facts[2], facts[3]
if state ~= 'queued' and state ~= 'running' then return 0 end
if stop == '1' then
  finish('cancelled', '', ARGV[5])
  return 0
end
if state == 'running' and facts[5] == '0' and redis.call('HINCRBY', job, 'unbegun', 1) <= ${UNBEGUN} then
  attempts = redis.call('HINCRBY', job, 'attempts', -1)
end
if state == 'running' and tonumber(attempts) >= tonumber(ARGV[4]) then
  finishLost(attempts, ARGV[5])
  return 0
end
redis.call('PERSIST', job)
redis.call('PERSIST', body)
if facts[4] ~= '' then redis.call('PERSIST', P .. 'key:' .. facts[4]) end
redis.call('HSET', job, 'state', 'running', 'token', ARGV[3], 'from', last(), 'begun', 0)
redis.call('HINCRBY', job, 'attempts', 1)
return 1`);

/** ARGV: …, token. Its program begins. 1: it was told to stop. */
export const BEGIN = new RedisScript(`${WHEN_FULL_TOO}${PRELUDE}
local facts = redis.call('HMGET', job, 'token', 'stop', 'attempts')
if facts[1] ~= ARGV[3] then return 0 end
redis.call('HSET', job, 'begun', 1)
tell('started', facts[3], ${EVENTS_MS})
return facts[2] == '1' and 1 or 0`);

/** ARGV: …, token, state, failure, ttl. */
export const END = new RedisScript(`${WHEN_FULL_TOO}${PRELUDE}
if redis.call('HGET', job, 'token') ~= ARGV[3] then return 0 end
finish(ARGV[4], ARGV[5], ARGV[6])
return 1`);

/** ARGV: …, token, 1 where the attempt counts, most attempts, ttl. */
export const RELEASE = new RedisScript(`${WHEN_FULL_TOO}${PRELUDE}
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
export const CANCEL = new RedisScript(`${WHEN_FULL_TOO}${PRELUDE}
local state = redis.call('HGET', job, 'state')
if state == 'queued' then finish('cancelled', '', ARGV[3]) end
if state == 'running' then
  redis.call('HSET', job, 'stop', 1)
  redis.call('PUBLISH', P .. 'stop', id)
end`);

/** ARGV: …, token. 1: it was told to stop. */
export const TOLD = new RedisScript(`${PRELUDE}
local facts = redis.call('HMGET', job, 'token', 'stop')
return facts[1] == ARGV[3] and facts[2] == '1' and 1 or 0`);

/**
 * ARGV: …, token, lock, milliseconds of it, what BullMQ's names begin with. For a worker whose lock has lapsed while
 * Redis was away. 0: the job is another's by now. Else its delivery is locked for this one again, unless somebody
 * has it in hand.
 */
export const HOLD = new RedisScript(`${WHEN_FULL_TOO}${PRELUDE}
local holder, bull = redis.call('HGET', job, 'token'), ARGV[6]
if holder ~= ARGV[3] then return holder and 0 or 1 end
local lock = bull .. id .. ':lock'
if redis.call('EXISTS', bull .. id) == 0 or redis.call('EXISTS', lock) == 1 then return 1 end
if redis.call('LREM', bull .. 'wait', 1, id) == 1 then redis.call('LPUSH', bull .. 'active', id) end
if redis.call('LPOS', bull .. 'active', id) then
  redis.call('SET', lock, ARGV[4], 'PX', ARGV[5])
  redis.call('SREM', bull .. 'stalled', id)
end
return 1`);

/**
 * ARGV: …, token, bytes that are left out before what follows, then streams and texts in turn. The oldest pieces go
 * where they become too much; that an attempt has begun stays. 1: the job was told to stop.
 */
export const WROTE = new RedisScript(`${PRELUDE}
local facts = redis.call('HMGET', job, 'token', 'stop', 'written', 'live')
if facts[1] ~= ARGV[3] then return 0 end
local written, live = (tonumber(facts[3]) or 0) + ARGV[4], tonumber(facts[4]) or 0
for at = 5, #ARGV, 2 do
  redis.call('XADD', events, '*', ARGV[at], ARGV[at + 1], 'at', written)
  written = written + #ARGV[at + 1]
  live = live + #ARGV[at + 1] + ${PIECE_BYTES}
end
local from = '-'
while live > ${MOST_LIVE_BYTES} do
  local oldest = redis.call('XRANGE', events, from, '+', 'COUNT', 1)[1]
  -- They were removed by somebody else, or have expired.
  if not oldest then
    live = 0
    break
  end
  if oldest[2][1] == 'stdout' or oldest[2][1] == 'stderr' then
    redis.call('XDEL', events, oldest[1])
    live = live - #oldest[2][2] - ${PIECE_BYTES}
  end
  from = '(' .. oldest[1]
end
redis.call('HSET', job, 'written', written, 'live', live)
redis.call('PEXPIRE', events, ${EVENTS_MS})
redis.call('PUBLISH', P .. 'news:' .. id, 'wrote')
return facts[2] == '1' and 1 or 0`);

/** ARGV: prefix, most. Forgets those that are known no more. */
export const DEAD = new RedisScript(`
local dead, found = ARGV[1] .. 'dead', {}
for _, id in ipairs(redis.call('ZREVRANGE', dead, 0, ARGV[2] - 1)) do
  local job = redis.call('HGETALL', ARGV[1] .. 'job:' .. id)
  if #job == 0 then redis.call('ZREM', dead, id) else found[#found + 1] = job end
end
return found`);

/** ARGV: prefix, what stands for an owner, before which id or nothing, most. Its jobs that have not ended, the last first. */
export const OPEN = new RedisScript(`
local ids, found = redis.call('SMEMBERS', ARGV[1] .. 'owner:' .. ARGV[2]), {}
table.sort(ids, function(one, other) return one > other end)
for _, id in ipairs(ids) do
  if #found >= tonumber(ARGV[4]) then break end
  if ARGV[3] == '' or id < ARGV[3] then
    local job = redis.call('HGETALL', ARGV[1] .. 'job:' .. id)
    if #job > 0 then found[#found + 1] = job end
  end
end
return found`);

/**
 * ARGV: prefix, what BullMQ's names begin with, milliseconds for which nobody else looks. Jobs that have not ended and
 * that BullMQ knows nothing of, each with its priority; those that were looked at longest ago first. Counts the bytes
 * of all anew: of a job that has expired nobody gives them back.
 */
export const SWEEP = new RedisScript(`
local P, bull, lost = ARGV[1], ARGV[2], {}
if not redis.call('SET', P .. 'sweep', '', 'NX', 'PX', ARGV[3]) then return lost end
local t = redis.call('TIME')
local at = t[1] * 1000 + math.floor(t[2] / 1000)
for _, id in ipairs(redis.call('ZRANGE', P .. 'open', 0, ${SWEPT - 1})) do
  local job = P .. 'job:' .. id
  local left = redis.call('PTTL', job)
  if left == -2 then redis.call('ZREM', P .. 'open', id) else redis.call('ZADD', P .. 'open', at, id) end
  -- One that has not come to the queue yet is forgotten by itself.
  if left == -1 and redis.call('EXISTS', bull .. id) == 0 then
    lost[#lost + 1] = {id, redis.call('HGET', job, 'priority')}
  end
end
local all = 0
for _, id in ipairs(redis.call('ZRANGE', P .. 'open', 0, -1)) do
  all = all + redis.call('STRLEN', P .. 'body:' .. id)
end
redis.call('SET', P .. 'bytes', all)
return lost`);
