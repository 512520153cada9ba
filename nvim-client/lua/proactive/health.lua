-- `:checkhealth proactive`: what is set up, what is missing, what is kept.

local M = {}

local health = vim.health

---Runs a command of the server's; only here, where the user waits for the answer.
---@param found proactive.Found
---@param arguments string[]
---@return string? output
local function ask(found, arguments)
  local ok, answer = pcall(function()
    return vim.system(vim.list_extend({ found.cmd[1] }, arguments), { text = true, timeout = 20000 }):wait()
  end)
  return ok and answer.code == 0 and vim.trim(answer.stdout or '') or nil
end

---@return proactive.Found?
local function check_server()
  health.start('proactive: the server')
  local server = require('proactive.server')
  local configured = vim.lsp.config.proactive
  local root = vim.fs.root(0, configured and configured.root_markers or '.git')
  local found ---@type proactive.Found?
  if configured and type(configured.cmd) == 'table' then
    found = {
      cmd = configured.cmd --[[@as string[] ]],
      how = "vim.lsp.config('proactive')",
    }
  else
    found = server.find(root)
  end
  if not found then
    health.error('the server was not found', { server.INSTALL })
    if root and vim.fn.executable(root .. '/.venv/bin/proactive') == 1 then
      health.info("there is one in this project's .venv; the option 'project_environment' allows it to be run")
    end
    return nil
  end
  health.ok(('found by %s: %s'):format(found.how, table.concat(found.cmd, ' ')))
  if not vim.lsp.is_enabled('proactive') then
    health.warn('not enabled', { "call vim.lsp.enable('proactive'), or leave the option 'autostart' on" })
  end
  local clients = require('proactive.clients').all()
  if #clients == 0 then
    health.info('not running; it starts with the first file that you open')
  end
  for _, client in ipairs(clients) do
    local ours = vim.tbl_get(client.server_capabilities, 'experimental', 'proactive') or {}
    local place = client.root_dir and vim.fn.fnamemodify(client.root_dir, ':~') or 'single files'
    health.ok(('running for %s, version %s'):format(place, ours.version or 'unknown'))
    if not ours.event then
      health.warn('this server takes no events', { 'update it to the version that this plug-in came with' })
    end
  end
  return found
end

local function check_sources()
  health.start('proactive: what is watched')
  local config = require('proactive.config')
  local clients = require('proactive.clients')
  local sources = require('proactive.sources')
  local client = clients.current()
  local settings = client and client.settings or (vim.lsp.config.proactive or {}).settings
  for _, entry in ipairs(sources.MODULES) do
    local name = entry[1]
    if config.watches(settings, name) then
      health.ok(name .. ': on')
    else
      health.info(('%s: off, by the setting sources.%s'):format(name, name))
    end
  end
  if config.watches(settings, 'git') then
    health.ok("git: on; the server itself watches the repository's files")
  else
    health.info('git: off, by the setting sources.git')
  end
  local terminal = package.loaded['proactive.sources.terminal']
  if terminal and terminal.marks_seen() then
    health.ok('a shell has said what it runs (OSC 133)')
  else
    health.info('no shell has said what it runs (OSC 133) so far: see :help proactive-shell')
  end
  if package.loaded['dap'] then
    health.ok('nvim-dap is loaded')
  end
end

---@return boolean named whether any server or setting names one
local function check_model()
  health.start('proactive: the language model')
  local named = false
  for _, client in ipairs(require('proactive.clients').all()) do
    local answer = client:request_sync('proactive/status', vim.empty_dict(), 2000)
    local model = answer and answer.result and answer.result.model ---@type proactive.Model?
    if model then
      named = true
      local line = require('proactive.language_model').line(model)
      if model.state == 'offline' then
        health.warn(line, { 'the rest goes on without it; in a terminal, `proactive model check` says more' })
      else
        health.ok(line)
      end
    end
  end
  if not named then
    local settings = (vim.lsp.config.proactive or {}).settings
    local name = vim.tbl_get(settings or {}, 'proactive', 'model', 'name')
    named = type(name) == 'string' and name ~= ''
    health.info(
      named and ('%s is named; no server that runs asks it'):format(name)
        or 'none is named, and none is needed: see :help proactive-model'
    )
  end
  return named
end

---@param found proactive.Found?
---@param named boolean whether a language model is
local function check_kept(found, named)
  health.start('proactive: what is kept')
  local stats = found and ask(found, { 'events', 'stats' })
  if stats then
    for line in vim.gsplit(stats, '\n') do
      if line:find('^%w') then -- how much, since when, where; its tables are for a terminal
        health.info(require('proactive.text').one_line(line))
      end
    end
  end
  local stays = named and 'nothing leaves this machine but questions to a model, if that is elsewhere'
    or 'nothing leaves this machine'
  health.info(stays .. "; 'proactive events list', 'export' and 'purge' show, copy and delete it")
end

function M.check()
  health.start('proactive: Neovim')
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok(version)
  else
    health.error(version, { 'Neovim 0.11 or newer is needed' })
    return
  end
  local found = check_server()
  check_sources()
  check_kept(found, check_model())
end

return M
