-- Finds the server and starts it.

local config = require('proactive.config')

local M = {}

---What to do where it is not found.
M.INSTALL = "put 'proactive' on your PATH ('pipx install .' or 'uv tool install .' in a clone) or set the option 'cmd'"

local function executable(path)
  return vim.fn.executable(path) == 1
end

---Where installers put commands of their own, in the order in which they are asked.
---@return string[]
local function tool_folders()
  local home = vim.uv.os_homedir() or ''
  local folders = { vim.env.UV_TOOL_BIN_DIR, vim.env.PIPX_BIN_DIR, vim.env.XDG_BIN_HOME } ---@type (string?)[]
  local found = {} ---@type string[]
  for index = 1, 3 do
    if folders[index] and folders[index] ~= '' then
      table.insert(found, folders[index])
    end
  end
  table.insert(found, home .. '/.local/bin')
  return found
end

---@class proactive.Found
---@field cmd string[]
---@field how string where it was found, in words

---Looks for the server: the option, the PATH, the active environment, the tools' folders. Reads no project file.
---@param root string? the project's folder; its own environment counts only by the option `project_environment`,
---since whoever wrote a project that you merely look at should not thereby choose what runs
---@return proactive.Found?
function M.find(root)
  local cmd = config.get().cmd
  if cmd then
    return type(cmd[1]) == 'string' and executable(cmd[1]) and { cmd = cmd, how = "the option 'cmd'" } or nil
  end
  if executable('proactive') then
    return { cmd = { vim.fn.exepath('proactive'), 'serve' }, how = 'the PATH' }
  end
  local places = {} ---@type { [1]: string, [2]: string }[]
  for _, variable in ipairs({ 'VIRTUAL_ENV', 'CONDA_PREFIX' }) do
    if (vim.env[variable] or '') ~= '' then
      table.insert(places, { vim.env[variable] .. '/bin', 'the active environment' })
    end
  end
  if root and config.get().project_environment then
    table.insert(places, { root .. '/.venv/bin', "the project's own environment" })
  end
  for _, folder in ipairs(tool_folders()) do
    table.insert(places, { folder, "the folder of uv's and pipx's tools" })
  end
  for _, place in ipairs(places) do
    local path = place[1] .. '/proactive'
    if executable(path) then
      return { cmd = { path, 'serve' }, how = place[2] }
    end
  end
end

---Whether there is anything to start for a buffer.
---@param buf integer
---@return boolean
function M.startable(buf)
  local configured = vim.lsp.config.proactive
  if configured and type(configured.cmd) == 'table' then
    return true -- the user's own command: Neovim sees to it
  end
  local root = vim.fs.root(buf, configured and configured.root_markers or '.git')
  return M.find(root) ~= nil
end

---Starts the server; the `cmd` of the configuration.
---@param dispatchers vim.lsp.rpc.Dispatchers
---@param client vim.lsp.ClientConfig
---@return vim.lsp.rpc.PublicClient
function M.start(dispatchers, client)
  local found = M.find(client.root_dir)
  if not found then
    error('proactive: the server is not installed; ' .. M.INSTALL, 0)
  end
  return vim.lsp.rpc.start(found.cmd, dispatchers, { cwd = client.cmd_cwd, env = client.cmd_env })
end

return M
