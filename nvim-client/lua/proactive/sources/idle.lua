-- That no key has come for some minutes, and that one has again. No key is looked at.

local clients = require('proactive.clients')
local config = require('proactive.config')

local M = {}

local timer ---@type uv.uv_timer_t
local latest = 0 -- milliseconds
local idle = false

---@param kind 'idle.began'|'idle.ended'
---@param data table?
local function tell(kind, data)
  for _, client in ipairs(clients.all()) do
    clients.send(client, 'idle', { kind = kind, data = data })
  end
end

---@return integer milliseconds
local function patience()
  return math.max(1, math.floor(config.get().idle_minutes * 60 * 1000))
end

---Rings once after the latest key's patience, not every second: while you read, nothing runs.
local function wait()
  local rest = latest + patience() - vim.uv.now()
  timer:start(
    math.max(1, rest),
    0,
    vim.schedule_wrap(function()
      if vim.uv.now() - latest >= patience() then
        idle = true -- the timer rests until a key comes
        tell('idle.began')
      else
        wait()
      end
    end)
  )
end

---@param typed string empty for keys that a mapping or a plug-in made
local function key(_, typed)
  if typed == '' then
    return
  end
  local now = vim.uv.now()
  if idle then
    idle = false
    local seconds = (now - latest) / 1000
    vim.schedule(function()
      tell('idle.ended', { seconds = seconds })
      wait()
    end)
  end
  latest = now
end

function M.start()
  timer = assert(vim.uv.new_timer())
  latest = vim.uv.now()
  vim.on_key(key, vim.api.nvim_create_namespace('proactive.idle'))
  wait()
end

return M
