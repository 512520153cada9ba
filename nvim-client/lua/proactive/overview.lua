-- `:Proactive status`: what the server does now, what it has seen, what is watched.

local config = require('proactive.config')
local sources = require('proactive.sources')
local status = require('proactive.status')

local M = {}

---@param client vim.lsp.Client
---@param answer proactive.Status
---@return string[]
local function lines_of(client, answer)
  local place = client.root_dir and vim.fn.fnamemodify(client.root_dir, ':~') or 'single files'
  local state = answer.state
  local until_ = answer.snoozedUntil and status.epoch(answer.snoozedUntil)
  if until_ then
    state = ('%s until %s (:Proactive wake ends it)'):format(state, os.date('%H:%M', until_))
  elseif state == 'off' then
    state = 'off (:Proactive resume, or the setting enable)'
  end
  local lines = { ('%s: %s'):format(place, state) }
  for _, suggestion in ipairs(answer.suggestions or {}) do
    local name = vim.fn.fnamemodify(vim.uri_to_fname(suggestion.uri), ':.')
    table.insert(lines, ('● %s (%s:%d)'):format(suggestion.title, name, suggestion.line + 1))
  end
  if answer.model then
    table.insert(lines, require('proactive.language_model').line(answer.model) .. '.')
  end
  local counts = answer.counts or {}
  table.insert(
    lines,
    ('Seen: %d events. Offered: %d, of these %d accepted and %d dismissed.'):format(
      counts.events or 0,
      counts.suggestions or 0,
      counts.accepted or 0,
      counts.dismissed or 0
    )
  )
  local on, off = {}, {} ---@type string[], string[]
  for _, entry in ipairs(sources.MODULES) do
    table.insert(config.watches(client.settings, entry[1]) and on or off, entry[1])
  end
  table.insert(lines, 'Watched here: ' .. (#on > 0 and table.concat(on, ', ') or 'nothing beside the documents'))
  if #off > 0 then
    table.insert(lines, 'Switched off: ' .. table.concat(off, ', '))
  end
  return lines
end

---Asks the server and shows its answer.
---@param client vim.lsp.Client
function M.open(client)
  client:request('proactive/status', vim.empty_dict(), function(err, answer)
    if err or not answer then
      require('proactive.messages').say(err and err.message or 'the server did not answer', 'WarningMsg')
      return
    end
    require('proactive.float').open('proactive', lines_of(client, answer))
  end)
end

return M
