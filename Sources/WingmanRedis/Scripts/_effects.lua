-- Effects: what a settlement, a change or an edit does in the same step. First a plan, which only reads and finds all
-- that is wrong; then its actions. One function that makes the others: a step without effects pays for none of them.
--
-- ARGV of an effect:
--   p push       queue, job                      c count   key, by, expiry in ms ('' is never)
--   z add to set set, score ('' is now), job     i insert  key, member
--   a append     list, element, expiry           r remove  key, member
--   s put        key, value, expiry              w when    key, how many words, effects … (applied if the set is empty)
--   d delete     key
local function effect_planner()
    -- Without `keys` of an earlier plan nothing has been planned before this one.
    local function new_plan(keys) return { actions = {}, keys = keys or {}, buries = false } end

    -- What `key` will be once all that is planned has been done.
    local function planned(plan, key)
        local state = plan.keys[key]
        if not state then
            state = { kind = redis.call('TYPE', key).ok, changes = {} }
            state.is_new = state.kind == 'none'
            plan.keys[key] = state
        end
        return state
    end

    local function is_empty(key, state)
        if state.kind == 'none' then return true end
        local size = state.is_new and 0 or redis.call('SCARD', key)
        for member, stays in pairs(state.changes) do
            local was = not state.is_new and redis.call('SISMEMBER', key, member) == 1
            if stays and not was then size = size + 1 end
            if was and not stays then size = size - 1 end
        end
        return size == 0
    end

    local function reset(state)
        state.kind, state.is_new, state.value, state.changes = 'none', true, nil, {}
    end

    -- The state of a key that has to be of `kind`, or nil and an error's text. A set without members is none.
    local function needed(plan, key, kind)
        local state = planned(plan, key)
        if state.kind == 'set' and kind ~= 'set' and is_empty(key, state) then reset(state) end
        if state.kind == 'none' then state.kind = kind end
        if state.kind == kind then return state end
        return nil, 'WRONGTYPE ' .. key .. ' is a ' .. state.kind .. ', not a ' .. kind
    end

    local function act(plan, ...) plan.actions[#plan.actions + 1] = { ... } end

    -- Sum of two decimal numbers, or nil if it does not fit into 64 bits. Lua's own numbers are exact up to 2^53.
    local function sum(value, by)
        local total = tonumber(value) + tonumber(by)
        if #value < 16 and #by < 16 then return string.format('%.0f', total) end
        redis.call('SET', 'wingman:scratch', value)
        local added = redis.pcall('INCRBY', 'wingman:scratch', by)
        local text = redis.call('GET', 'wingman:scratch')
        redis.call('DEL', 'wingman:scratch')
        return type(added) == 'number' and text or nil
    end

    -- Each plans one effect whose fields begin at ARGV[at]; returns an error's text, or nil and where the next begins.
    local planners = {}

    function planners.p(plan, at)
        local list, key = 'queue:' .. ARGV[at], nil
        local _, trouble = needed(plan, 'queues', 'set')
        if not trouble then key, trouble = needed(plan, list, 'list') end
        if not key then return trouble end
        act(plan, 'SADD', 'queues', ARGV[at])
        act(plan, 'LPUSH', list, ARGV[at + 1])
        return nil, at + 2
    end

    function planners.z(plan, at)
        local state, trouble = needed(plan, ARGV[at], 'zset')
        if not state then return trouble end
        local time = tonumber(ARGV[at + 1])
        if ARGV[at + 1] ~= '' and not (time and math.abs(time) < math.huge) then return 'ERR a time is not a number' end
        act(plan, 'add', ARGV[at], ARGV[at + 1] ~= '' and ARGV[at + 1] or now_text, ARGV[at + 2])
        plan.buries = plan.buries or ARGV[at] == 'dead'
        return nil, at + 3
    end

    function planners.a(plan, at)
        local state, trouble = needed(plan, ARGV[at], 'list')
        if not state then return trouble end
        act(plan, 'LPUSH', ARGV[at], ARGV[at + 1])
        if ARGV[at + 2] ~= '' then act(plan, 'PEXPIRE', ARGV[at], ARGV[at + 2]) end
        return nil, at + 3
    end

    function planners.s(plan, at)
        local state, trouble = needed(plan, ARGV[at], 'string')
        if not state then return trouble end
        state.value = ARGV[at + 1]
        if ARGV[at + 2] ~= '' then
            act(plan, 'SET', ARGV[at], ARGV[at + 1], 'PX', ARGV[at + 2])
        else
            act(plan, 'SET', ARGV[at], ARGV[at + 1])
        end
        return nil, at + 3
    end

    function planners.d(plan, at)
        local state = planned(plan, ARGV[at])
        if state.kind ~= 'none' and state.kind ~= 'string' and state.kind ~= 'set' then
            return 'WRONGTYPE ' .. ARGV[at] .. ' is a ' .. state.kind
        end
        reset(state)
        act(plan, 'UNLINK', ARGV[at])
        return nil, at + 1
    end

    function planners.c(plan, at)
        local key, by = ARGV[at], ARGV[at + 1]
        local state, trouble = needed(plan, key, 'string')
        if not state then return trouble end
        local starts = state.is_new and not state.value
        local value = state.value or (starts and '0') or redis.call('GET', key)
        if value ~= '0' and not string.match(value, '^-?[1-9]%d*$') then return 'ERR ' .. key .. ' holds no number' end
        state.value = sum(value, by)
        if not state.value then return 'ERR ' .. key .. ' would overflow' end
        act(plan, 'INCRBY', key, by)
        if starts and ARGV[at + 2] ~= '' then act(plan, 'PEXPIRE', key, ARGV[at + 2]) end
        return nil, at + 3
    end

    local function change(plan, at, command, stays)
        local state, trouble = needed(plan, ARGV[at], 'set')
        if not state then return trouble end
        state.changes[ARGV[at + 1]] = stays
        act(plan, command, ARGV[at], ARGV[at + 1])
        return nil, at + 2
    end
    function planners.i(plan, at) return change(plan, at, 'SADD', true) end
    function planners.r(plan, at) return change(plan, at, 'SREM', false) end

    -- Plans the effects from ARGV[at] up to, but not at ARGV[to]; returns an error's text, or nil.
    local function add_effects(plan, at, to)
        while at < to do
            local trouble
            trouble, at = planners[ARGV[at]](plan, at + 1)
            if trouble then return trouble end
        end
    end

    function planners.w(plan, at)
        local state, trouble = needed(plan, ARGV[at], 'set')
        if not state then return trouble end
        local to = at + 2 + ARGV[at + 1]
        if is_empty(ARGV[at], state) then trouble = add_effects(plan, at + 2, to) end
        return trouble, to
    end

    -- Does what was planned. Nothing of it fails any more, unless the server forbids us a command.
    local function apply_plan(plan)
        for _, action in ipairs(plan.actions) do
            local trouble
            if action[1] == 'add' then
                trouble = add_to_set(action[2], action[3], action[4])
            else
                local done = redis.pcall(unpack(action))
                trouble = type(done) == 'table' and done.err or nil
            end
            if trouble then return trouble end
        end
        if plan.buries then trim_dead(clock[1]) end
    end

    return { new = new_plan, needed = needed, add = add_effects, apply = apply_plan }
end
