-- The running servers, and which of them is to hear of what.

local config = require('proactive.config')

local M = {}

M.NAME = 'proactive'

---@class proactive.Event
---@field kind string
---@field where? { uri?: string, range?: integer[], language?: string }
---@field data? table<string, any>

---All that are running.
---@return vim.lsp.Client[]
function M.all()
  return vim.lsp.get_clients({ name = M.NAME })
end

---The one that a buffer is attached to.
---@param buf integer zero for the current one
---@return vim.lsp.Client?
function M.of_buffer(buf)
  return vim.lsp.get_clients({ name = M.NAME, bufnr = buf })[1]
end

---The one of the current buffer; where that has none, the only one there is.
---@return vim.lsp.Client?
function M.current()
  local client = M.of_buffer(0)
  if client then
    return client
  end
  local all = M.all()
  return #all == 1 and all[1] or nil
end

---@param path string
---@param folder string
---@return string? rest of the path, with the leading slash
local function within(path, folder)
  folder = folder:gsub('/+$', '')
  if path == folder then
    return ''
  end
  return vim.startswith(path, folder .. '/') and path:sub(#folder + 1) or nil
end

---The one whose project a folder belongs to, and the folder as that server spells it: links may lie in between.
---@param path string absolute
---@return vim.lsp.Client?, string?
function M.of_folder(path)
  local real = vim.uv.fs_realpath(path) or path
  local best, spelled, longest ---@type vim.lsp.Client?, string?, integer?
  for _, client in ipairs(M.all()) do
    local root = client.root_dir
    local rest = root and (within(path, root) or within(real, vim.uv.fs_realpath(root) or root))
    if root and rest and #root > (longest or -1) then
      best, spelled, longest = client, root .. rest, #root
    end
  end
  return best, spelled
end

---Reports an event, if what it comes from is watched. Never waits.
---@param client vim.lsp.Client
---@param source proactive.Source
---@param event proactive.Event
function M.send(client, source, event)
  if config.watches(client.settings, source) then
    client:notify('proactive/event', event)
  end
end

---Has the server carry out one of its commands.
---@param client vim.lsp.Client
---@param command string
---@param argument table<string, any>
function M.execute(client, command, argument)
  local params = { command = command, arguments = { next(argument) and argument or vim.empty_dict() } }
  client:request('workspace/executeCommand', params, function(err)
    if err then
      require('proactive.messages').say(err.message, 'WarningMsg')
    end
  end)
end

return M
