-- The language model, where one is named: how it stands, in words, and a way to stop what it writes.

local text = require('proactive.text')

local M = {}

---@class proactive.Model
---@field name string
---@field state 'ready'|'asking'|'writing'|'offline'|'spent'
---@field problem string? why it is offline or spent
---@field calls integer in the last hour
---@field callsPerHour integer

local PREFIX = 'proactive-writing'
local writing = {} ---@type table<string, integer> the client at whose server something is written, by its token

---How it stands: `Language model qwen@localhost: ready, 3 of 120 calls this hour`.
---@param model proactive.Model
---@return string
function M.line(model)
  local words = ('%s, %d of %d calls this hour'):format(model.state, model.calls, model.callsPerHour)
  if model.problem then
    words = ('%s (%s)'):format(model.state, model.problem)
  end
  return text.one_line(('Language model %s: %s'):format(model.name, words))
end

---Takes note of `$/progress`.
---@param client integer
---@param params lsp.ProgressParams
function M.progress(client, params)
  local token, value = params.token, params.value
  if type(token) ~= 'string' or not vim.startswith(token, PREFIX) or type(value) ~= 'table' then
    return
  end
  if value.kind == 'begin' then
    writing[token] = client
    require('proactive.messages').say(('writing: %s; :Proactive cancel stops it'):format(value.message or ''))
  elseif value.kind == 'end' then
    writing[token] = nil
  end
end

---Stops what is being written.
---@return boolean any whether anything was
function M.stop()
  local stopped = false
  for token, id in pairs(writing) do
    local client = vim.lsp.get_client_by_id(id)
    if client then
      client:notify('window/workDoneProgress/cancel', { token = token })
      stopped = true
    end
  end
  writing = {}
  return stopped
end

return M
