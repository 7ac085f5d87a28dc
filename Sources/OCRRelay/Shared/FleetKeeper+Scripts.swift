internal import RedisStore

extension FleetKeeper {
  /// Counts the process, agrees on the rate and hands out slots. Times are microseconds. In this order:
  ///
  /// 1. A new rate is taken over if its author knew the one that it replaces; whoever does not know the rate is told it.
  /// 2. After the keeper was away, everybody keeps to a share of its own for five more seconds, or those who have come back
  ///    would add up with those who have not. The last call of each then has its room before the first slot.
  /// 3. Processes that were alive half a minute ago and are not heard of for two seconds may be cut off, and go on with their
  ///    share after two and a half: the others leave it to them.
  /// 4. When the clock of Redis is set back, the next slot would be far ahead: it is brought back.
  /// 5. Who asks gets slots up to the horizon, at most a fair part of what fits into it. Who asks for what others leave
  ///    looks less far ahead, so that the others come first.
  static let lease = RedisScript(
    """
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local member, wanted = ARGV[1], tonumber(ARGV[2])
    local interval, tolerance, horizon = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
    local answered = redis.call('HINCRBY', KEYS[1], 'answered', ARGV[3])
    local state = redis.call('HMGET', KEYS[1], 'version', 'due', 'ramp', 'seen')
    local version, due = tonumber(state[1] or 0), tonumber(state[2] or now)
    local ramp, seen = tonumber(state[3] or 0), tonumber(state[4] or 0)
    local function number(value) return string.format('%.3f', value) end

    local numbers = ''
    if ARGV[9] ~= '' and version == tonumber(ARGV[8]) then
      version = version + 1
      redis.call('HSET', KEYS[1], 'version', version, 'numbers', ARGV[9])
    elseif version > 0 and version ~= tonumber(ARGV[8]) then
      numbers = redis.call('HGET', KEYS[1], 'numbers') or ''
    end

    redis.call('ZADD', KEYS[2], now, member)
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 30000000)
    redis.call('ZREMRANGEBYSCORE', KEYS[2], now + 1000000, '+inf')
    local members = redis.call('ZCARD', KEYS[2])
    local missing = members - redis.call('ZCOUNT', KEYS[2], now - 2000000, '+inf')
    local spare = ARGV[11] == '1'
    if wanted > 0 and not spare then redis.call('ZADD', KEYS[3], now, member) else redis.call('ZREM', KEYS[3], member) end
    redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 1000000)
    redis.call('ZREMRANGEBYSCORE', KEYS[3], now + 1000000, '+inf')
    local asking = spare and members or math.max(1, redis.call('ZCARD', KEYS[3]))

    if ARGV[10] == '1' and ramp <= now and (seen == 0 or math.abs(now - seen) > 3000000) then ramp = now + 5000000 end
    if ramp > now + 5000000 then ramp = 0 end
    if missing > 0 then interval = interval / (1 - 0.8 * missing / members) end
    if due - now > horizon + 2 * interval + 5000000 then due = now + interval end
    local start = math.max(due, now - tolerance, tonumber(ARGV[7]))
    if ramp > 0 then start = math.max(start, ramp + members * interval) end
    local count = 0
    if wanted > 0 and numbers == '' and ramp <= now and start <= now + horizon then
      local open = math.floor((now + horizon - start) / interval) + 1
      count = math.min(wanted, open, math.max(1, math.ceil(horizon / interval / asking)))
      due = start + count * interval
    end
    redis.call('HSET', KEYS[1], 'due', number(due), 'ramp', number(ramp), 'seen', number(now))
    if wanted == 0 then
      for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, 604800) end
    end
    return {number(now), tostring(version), tostring(answered), tostring(members), number(start), tostring(count),
      number(interval), number(math.max(0, ramp - now)), numbers}
    """)

  /// Removes a process; slots that nobody took since then are open again.
  static let leave = RedisScript(
    """
    redis.call('ZREM', KEYS[2], ARGV[1])
    redis.call('ZREM', KEYS[3], ARGV[1])
    local due = tonumber(redis.call('HGET', KEYS[1], 'due') or 0)
    if due > 0 and math.abs(due - tonumber(ARGV[3])) < 1 then redis.call('HSET', KEYS[1], 'due', ARGV[2]) end
    return 1
    """)
}
