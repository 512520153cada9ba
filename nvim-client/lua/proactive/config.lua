-- The options, and the one place where it is decided what is watched: the server's own settings.

local M = {}

---What is watched, by the server's own names (`proactive.sources.*`).
---@alias proactive.Source 'terminal'|'tasks'|'diagnostics'|'debug'|'focus'|'idle'|'git'|'tests'

---@class proactive.Options
---@field autostart? boolean start the server when the first file is opened (default true)
---@field cmd? string[] the server's command, such as `{ '/opt/proactive/bin/proactive', 'serve' }`
---@field project_environment? boolean run a server found in the project's own `.venv` (default false)
---@field notify? boolean tell of each new suggestion by `vim.notify` (default false)
---@field idle_minutes? number after how many minutes without a key you count as idle (default 5)
---@field sources? table<proactive.Source, boolean> what is watched; short for `settings.sources` (default: all)
---@field settings? table<string, any> the server's settings, such as `{ interruptionCost = 0.4 }`
---@field labels? table<proactive.State, string> the words of the status line

---@alias proactive.State 'watching'|'thinking'|'writing'|'suggestion'|'snoozed'|'off'|'offline'|'model_offline'

---@class proactive.Config
---@field autostart boolean
---@field cmd string[]?
---@field project_environment boolean
---@field notify boolean
---@field idle_minutes number
---@field labels table<proactive.State, string>
local config = {
  autostart = true,
  cmd = nil,
  project_environment = false,
  notify = false,
  idle_minutes = 5,
  labels = {
    watching = '○ watching',
    thinking = '◔ thinking',
    writing = '◔ writing',
    suggestion = '● suggestion',
    snoozed = '◌ snoozed',
    off = '◌ off',
    offline = '✗ offline',
    model_offline = '○ watching (no model)',
  },
}

local TYPES = {
  autostart = 'boolean',
  cmd = 'table',
  project_environment = 'boolean',
  notify = 'boolean',
  idle_minutes = 'number',
  sources = 'table',
  settings = 'table',
  labels = 'table',
}

---The options in force.
---@return proactive.Config
function M.get()
  return config
end

---Takes options; a wrong one is named and left out.
---@param options proactive.Options
function M.set(options)
  local wrong = {} ---@type string[]
  for name, value in pairs(options) do
    local wanted = TYPES[name]
    if not wanted then
      table.insert(wrong, ("there is no option '%s'"):format(tostring(name)))
    elseif type(value) ~= wanted then
      table.insert(wrong, ("'%s' must be a %s"):format(name, wanted))
    elseif name == 'labels' then
      config.labels = vim.tbl_extend('force', config.labels, value)
    elseif name ~= 'sources' and name ~= 'settings' then
      config[name] = value
    end
  end
  if #wrong > 0 then
    table.sort(wrong)
    local text = ('proactive: %s; see :help proactive-options'):format(table.concat(wrong, '; '))
    vim.notify(text, vim.log.levels.WARN)
  end
  local settings = type(options.settings) == 'table' and vim.deepcopy(options.settings) or {}
  if type(options.sources) == 'table' then
    settings.sources = vim.tbl_extend('force', settings.sources or {}, options.sources)
  end
  if next(settings) then
    vim.lsp.config('proactive', { settings = { proactive = settings } })
  end
end

---Whether a source is on by the settings that a server was started with or has been given since.
---@param settings table? those of a client or of the configuration
---@param source proactive.Source
---@return boolean
function M.watches(settings, source)
  return vim.tbl_get(settings or {}, 'proactive', 'sources', source) ~= false
end

return M
