-- Begins to watch what LSP does not carry, once a server is there to be told.
--
-- There is nothing here for git: the server watches the repository's own files, and so sees a commit or a switch at
-- once whoever makes it (a terminal, fugitive, another program). A second report from here would tell it nothing.

local config = require('proactive.config')

local M = {}

---@class proactive.Watcher
---@field start fun() installs its autocommands; called at most once
---@field attach? fun(client: vim.lsp.Client, buf: integer) a buffer has been attached to a server

---@type { [1]: proactive.Source, [2]: string }[]
M.MODULES = {
  { 'diagnostics', 'proactive.sources.diagnostics' },
  { 'terminal', 'proactive.sources.terminal' },
  { 'tasks', 'proactive.sources.tasks' },
  { 'debug', 'proactive.sources.debug' },
  { 'focus', 'proactive.sources.focus' },
  { 'idle', 'proactive.sources.idle' },
}

local started = {} ---@type table<proactive.Source, boolean>

---A buffer has been attached to the server: watch whatever its settings allow.
---@param client vim.lsp.Client
---@param buf integer
function M.attach(client, buf)
  require('proactive.status').attached(client, buf)
  for _, entry in ipairs(M.MODULES) do
    local source, name = entry[1], entry[2]
    if config.watches(client.settings, source) then
      local watcher = require(name) ---@type proactive.Watcher
      if not started[source] then
        started[source] = true
        watcher.start()
      end
      if watcher.attach then
        watcher.attach(client, buf)
      end
    end
  end
end

---Whether a source has begun to watch; a server may have switched it off since.
---@param source proactive.Source
---@return boolean
function M.started(source)
  return started[source] == true
end

return M
