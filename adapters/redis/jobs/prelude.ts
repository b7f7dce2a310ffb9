// What every script of the jobs begins with: where things are, and how a job ends.

/** The same once a job has ended: for those who listen, and where nobody seems to, as the word of them may be lost. */
const HEARD_EVENTS_MS = 30_000;
const UNHEARD_EVENTS_MS = 3000;
/** Dead jobs that are listed at most; the oldest fall out. */
const MOST_DEAD = 10_000;
/** Milliseconds that a job that is done is known at most, unless it has a key: its record answers for it. */
const DONE_MS = 300_000;

// Whoever ends a job gives memory back: that must work on a Redis that is full, too.
/** Flags of a script that must work on a full Redis. */
export const WHEN_FULL_TOO = "#!lua flags=allow-oom\n";

/**
 * ARGV: prefix, id. Everything else is named from these, and from what stands for an owner (`mine`) and for a key of
 * an owner's: never from the texts themselves.
 */
export const PRELUDE = `
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
-- Every entry says after how many bytes of output it came: so who reads on sees what has been dropped meanwhile.
local function tell(kind, value, ms)
  redis.call('XADD', events, '*', kind, value, 'at', redis.call('HGET', job, 'written') or 0)
  redis.call('PEXPIRE', events, ms)
  return redis.call('PUBLISH', P .. 'news:' .. id, kind)
end
local function finish(state, failure, ttl)
  local facts = redis.call('HMGET', job, 'mine', 'key')
  redis.call('HSET', job, 'state', state, 'failure', failure, 'ended_at', now())
  redis.call('HDEL', job, 'token')
  redis.call('DECRBY', P .. 'bytes', redis.call('STRLEN', body))
  redis.call('DEL', body)
  redis.call('SREM', P .. 'owner:' .. facts[1], id)
  redis.call('ZREM', P .. 'open', id)
  local known = tonumber(ttl)
  if state == 'done' and facts[2] == '' then known = math.min(known, ${DONE_MS}) end
  redis.call('PEXPIRE', job, known)
  if facts[2] ~= '' then redis.call('PEXPIRE', P .. 'key:' .. facts[2], ttl) end
  if state == 'dead' then
    local t = redis.call('TIME')
    local microseconds = t[1] * 1000000 + t[2]
    redis.call('ZADD', P .. 'dead', microseconds, id)
    redis.call('ZREMRANGEBYSCORE', P .. 'dead', 0, microseconds - ttl * 1000)
    redis.call('ZREMRANGEBYRANK', P .. 'dead', 0, -${MOST_DEAD + 1})
    redis.call('PEXPIRE', P .. 'dead', ttl)
  end
  if tell('end', state, ${HEARD_EVENTS_MS}) == 0 then
    redis.call('PEXPIRE', events, ${UNHEARD_EVENTS_MS})
  end
end
local function finishLost(attempts, ttl)
  finish('dead', cjson.encode({ code = 'worker_lost', attempts = tonumber(attempts) }), ttl)
end
`;
