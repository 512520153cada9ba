-- `:Proactive` and what stands behind its words.

local clients = require('proactive.clients')
local messages = require('proactive.messages')

local M = {}

local SNOOZE_MINUTES = 60
local SCOPES = { 'all', 'workspace', 'file' }

---What to say where no server runs: why, and what to do.
---@return string
function M.absent()
  local server = require('proactive.server')
  if not server.startable(0) then
    return 'the server was not found: ' .. server.INSTALL .. '; :checkhealth proactive says more'
  end
  if not vim.lsp.is_enabled('proactive') then
    return "the server is not enabled: call vim.lsp.enable('proactive')"
  end
  return 'no server runs: it starts with the first file that you open'
end

---The server that is meant, or a word about its absence.
---@return vim.lsp.Client?
local function client()
  local all = clients.all()
  local one = clients.current() or all[1]
  if not one then
    messages.say(M.absent(), 'WarningMsg')
  end
  return one
end

---@param what string
---@param act fun(chosen: proactive.Waiting)
local function with_suggestion(what, act)
  if not client() then
    return
  end
  if not require('proactive.suggestions').choose(what, act) then
    messages.say('no suggestion is waiting')
  end
end

---@param minutes number
---@param scope string
local function snooze(minutes, scope)
  local running = scope == 'all' and clients.all() or { client() }
  if #running == 0 then
    client()
    return
  end
  local argument = { scope = scope, minutes = minutes }
  if scope ~= 'all' then
    argument.uri = vim.uri_from_bufnr(0)
  end
  for _, one in ipairs(running) do
    clients.execute(one, 'proactive.snooze', argument)
  end
end

---Switches suggestions off or on for the project of the current buffer, until Neovim ends.
---@param on boolean
local function enable(on)
  local one = client()
  if not one then
    return
  end
  one.settings = vim.tbl_deep_extend('force', one.settings or {}, { proactive = { enable = on } })
  one:notify('workspace/didChangeConfiguration', { settings = one.settings })
  local place = one.root_dir and vim.fn.fnamemodify(one.root_dir, ':~') or 'these files'
  messages.say(
    on and 'suggestions again for ' .. place or ('no suggestions for %s until :Proactive resume'):format(place)
  )
end

---@class proactive.Command
---@field run fun(arguments: string[])
---@field complete? string[]

---@type table<string, proactive.Command>
local COMMANDS = {
  accept = {
    run = function()
      with_suggestion('Accept', function(chosen)
        clients.execute(chosen.client, 'proactive.apply', { id = chosen.suggestion.id })
      end)
    end,
  },
  cancel = {
    run = function()
      if not require('proactive.language_model').stop() then
        messages.say('nothing is being written')
      end
    end,
  },
  dismiss = {
    run = function()
      with_suggestion('Dismiss', function(chosen)
        require('proactive.language_model').stop()
        clients.execute(chosen.client, 'proactive.dismiss', { id = chosen.suggestion.id })
      end)
    end,
  },
  ['goto'] = {
    run = function()
      with_suggestion('Go to', function(chosen)
        if not chosen.suggestion.hasEdit and not chosen.suggestion.command then
          -- Going there is what it offers, and counts as taking it.
          clients.execute(chosen.client, 'proactive.goto', { id = chosen.suggestion.id })
          return
        end
        local start = { line = chosen.line, character = 0 }
        local location = { uri = chosen.suggestion.uri, range = { start = start, ['end'] = start } }
        vim.lsp.util.show_document(location, chosen.client.offset_encoding, { focus = true })
      end)
    end,
  },
  why = {
    run = function()
      local one = client()
      local nearest = one and require('proactive.suggestions').waiting()[1]
      if nearest then
        clients.execute(nearest.client, 'proactive.why', { id = nearest.suggestion.id })
      elseif one then
        clients.execute(one, 'proactive.why', {})
      end
    end,
  },
  snooze = {
    complete = { '15', '60', '240', unpack(SCOPES) },
    run = function(arguments)
      local minutes, scope = SNOOZE_MINUTES, 'all'
      for _, argument in ipairs(arguments) do
        local number = tonumber(argument)
        if number and number >= 0 and number == number and number < math.huge then
          minutes = number
        elseif vim.list_contains(SCOPES, argument) then
          scope = argument
        else
          messages.say(("':Proactive snooze [minutes] [all|workspace|file]'; not '%s'"):format(argument), 'WarningMsg')
          return
        end
      end
      snooze(minutes, scope)
    end,
  },
  wake = {
    run = function()
      snooze(0, 'all')
    end,
  },
  pause = {
    run = function()
      enable(false)
    end,
  },
  resume = {
    run = function()
      enable(true)
    end,
  },
  timeline = {
    run = function()
      local one = client()
      if one then
        require('proactive.timeline').open(one)
      end
    end,
  },
  status = {
    run = function()
      local one = client()
      if one then
        require('proactive.overview').open(one)
      end
    end,
  },
}

---@return string[]
local function names()
  local found = vim.tbl_keys(COMMANDS)
  table.sort(found)
  return found
end

---Runs `:Proactive` with these words.
---@param words string[]
function M.run(words)
  local name = words[1] or 'status'
  local command = COMMANDS[name]
  if command then
    command.run(vim.list_slice(words, 2))
  else
    messages.say(("there is no ':Proactive %s', but %s"):format(name, table.concat(names(), ', ')), 'WarningMsg')
  end
end

---Completes `:Proactive`.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(line:gsub('^.-Proactive!?%s+', ''), '%s+')
  local choices = #words <= 1 and names() or (COMMANDS[words[1]] or {}).complete or {}
  return vim.tbl_filter(function(choice)
    return vim.startswith(choice, lead)
  end, choices)
end

return M
