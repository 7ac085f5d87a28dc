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
  /// 6. A cut is told to all who listen. Who may not publish does without: the next lease does the same.
  /// 7. Failed calls are counted in a row over the whole fleet: any other answer in the same time ends the row.
  /// 8. Where the fleet shares a bound for calls at once, each process is given a part of what is free, and what it holds
  ///    counts until it says that it holds less. Who has less than an even part while wanting more takes it from those who
  ///    have more. Parts of processes that are silent for ten seconds are free again. After a loss of the data nobody gets
  ///    more than it holds until all have said what that is.
  static let lease = RedisScript(
    """
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local member, wanted = ARGV[1], tonumber(ARGV[2])
    local interval, tolerance, horizon = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
    local answered = redis.call('HINCRBY', KEYS[1], 'answered', ARGV[3])
    local state = redis.call('HMGET', KEYS[1], 'version', 'due', 'ramp', 'seen', 'row', 'outage')
    local version, due = tonumber(state[1] or 0), tonumber(state[2] or now)
    local ramp, seen = tonumber(state[3] or 0), tonumber(state[4] or 0)
    local row = ARGV[3] == ARGV[12] and tonumber(state[5] or 0) + tonumber(ARGV[12]) or 0
    local function number(value) return string.format('%.3f', value) end

    local numbers = ''
    if ARGV[9] ~= '' and version == tonumber(ARGV[8]) then
      version = version + 1
      redis.call('HSET', KEYS[1], 'version', version, 'numbers', ARGV[9])
      if tonumber(ARGV[7]) > now then
        redis.pcall('PUBLISH', KEYS[1] .. ':news', 'rate,' .. version .. ',' .. ARGV[9])
      end
    elseif version > 0 and version ~= tonumber(ARGV[8]) then
      numbers = redis.call('HGET', KEYS[1], 'numbers') or ''
    end

    redis.call('ZADD', KEYS[2], now, member)
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 30000000)
    redis.call('ZREMRANGEBYSCORE', KEYS[2], now + 1000000, '+inf')
    local members = redis.call('ZCARD', KEYS[2])
    local missing = members - redis.call('ZCOUNT', KEYS[2], now - 2000000, '+inf')
    local spare = ARGV[11] == '1'
    local needs = wanted > 0 or tonumber(ARGV[15]) > 1
    if needs and not spare then redis.call('ZADD', KEYS[3], now, member) else redis.call('ZREM', KEYS[3], member) end
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
    redis.call('HSET', KEYS[1], 'due', number(due), 'ramp', number(ramp), 'seen', number(now), 'row', row)
    local calls = ''
    local bound, held = tonumber(ARGV[13]), tonumber(ARGV[14])
    if bound > 0 then
      local kept = redis.call('HMGET', KEYS[4], member, '.bound', '.most', '.cut', '.base', '.tried', '.sum', '.born',
        '.tidied', '.short')
      local mine, most = tonumber(kept[1] or 0), kept[2] == ARGV[13] and tonumber(kept[3]) or bound
      local cut, base, tried = tonumber(kept[4] or 0), tonumber(kept[5] or answered), tonumber(kept[6] or 0)
      local sum, born = tonumber(kept[7] or 0), tonumber(kept[8] or now)
      local tidied, short = tonumber(kept[9] or now), tonumber(kept[10] or 0)
      if math.abs(now - tidied) > 1000000 then
        sum, tidied = mine, now
        local all = redis.call('HGETALL', KEYS[4])
        for i = 1, #all, 2 do
          if string.sub(all[i], 1, 1) ~= '.' and all[i] ~= member then
            local heard = tonumber(redis.call('ZSCORE', KEYS[2], all[i]) or 0)
            if heard < now - 10000000 then redis.call('HDEL', KEYS[4], all[i]) else sum = sum + tonumber(all[i + 1]) end
          end
        end
      end
      if ARGV[16] == '1' and math.abs(now - cut) > 3000000 then
        most = math.max(1, tried == 1 and most - 1 or math.floor(math.min(most, sum) / 2))
        cut, base, tried = now, answered, 0
        redis.pcall('PUBLISH', KEYS[1] .. ':news', 'calls,3000000,' .. most)
      elseif most < bound and sum >= most and math.abs(now - cut) > 10000000 and answered - base >= math.max(100, most) then
        most, base, tried = most + 1, answered, 1
      end
      local even = math.max(1, math.floor(most / asking))
      local desired = tonumber(ARGV[15])
      local target = math.max(0, math.min(desired, most - (sum - mine)))
      if math.abs(now - short) < 1000000 then target = math.min(target, even) end
      if target < math.min(desired, even) then short = now end
      if math.abs(now - born) < 1500000 then target = math.min(target, held) end
      local counted = math.max(target, held)
      redis.call('HSET', KEYS[4], member, counted, '.bound', bound, '.most', most, '.cut', number(cut),
        '.base', base, '.tried', tried, '.sum', sum - mine + counted, '.born', number(born), '.tidied', number(tidied),
        '.short', number(short))
      calls = target .. ',' .. most
    end
    if wanted == 0 then
      for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, 604800) end
    end
    return {number(now), tostring(version), tostring(answered), tostring(members), number(start), tostring(count),
      number(interval), number(math.max(0, ramp - now)), numbers, tostring(row), state[6] or '', calls}
    """)

  /// Closes the fleet, hands out turns to probe, and opens the fleet. Times are microseconds.
  ///
  /// - `close` counts only when its author knows what the others know: of several that close at a time, the first one.
  /// - `probe` gives the turn to one process for a few seconds, as soon as a probe is due; it may be prolonged.
  /// - Whoever asks for a turn while nothing is known tells of an outage that was lost with Redis' data.
  /// - What changes is told to all who listen. A change is named by its time, which never goes back.
  static let outage = RedisScript(
    """
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local member, step, pause, known, cause = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
    local text = redis.call('HGET', KEYS[1], 'outage') or ''
    local at, failures, due = string.match(text, '^(%d+),(%d+),(%d+),')
    at, failures, due = tonumber(at or 0), tonumber(failures or 0), tonumber(due or 0)
    local holder = redis.call('GET', KEYS[2])
    local function tell(count, wait)
      at, failures, due = math.max(now, at + 1), count, now + wait
      text = string.format('%.0f,%d,%.0f,%s', at, failures, due, cause)
      redis.call('HSET', KEYS[1], 'outage', text, 'row', 0)
      redis.pcall('PUBLISH', KEYS[1] .. ':news', string.format('outage,%.0f,%s', now, text))
    end
    local turn = 0
    if step == 'probe' then
      if at == 0 then tell(1, 0) end
      if failures > 0 and (now >= due or now < at - 1000000) and (not holder or holder == member) then
        redis.call('SET', KEYS[2], member, 'PX', 5000)
        turn = 1
      end
    else
      if step == 'close' and (failures == 0 or at == known) then tell(failures + 1, pause) end
      if step == 'open' and failures > 0 then tell(0, 0) end
      if holder == member or failures == 0 then redis.call('DEL', KEYS[2]) end
    end
    return {string.format('%.0f', now), turn, text}
    """)

  /// Removes a process; slots that nobody took since then are open again.
  static let leave = RedisScript(
    """
    redis.call('ZREM', KEYS[2], ARGV[1])
    redis.call('ZREM', KEYS[3], ARGV[1])
    local held = tonumber(redis.call('HGET', KEYS[4], ARGV[1]) or 0)
    if held > 0 then redis.call('HINCRBY', KEYS[4], '.sum', -held) end
    redis.call('HDEL', KEYS[4], ARGV[1])
    if redis.call('GET', KEYS[5]) == ARGV[1] then redis.call('DEL', KEYS[5]) end
    local due = tonumber(redis.call('HGET', KEYS[1], 'due') or 0)
    if due > 0 and math.abs(due - tonumber(ARGV[3])) < 1 then redis.call('HSET', KEYS[1], 'due', ARGV[2]) end
    return 1
    """)
}
