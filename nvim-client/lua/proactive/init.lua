-- What a configuration calls: `setup`, `statusline`, and the start of the server.

local M = {}

---Sets options. Not needed: without it the defaults hold.
---@param options? proactive.Options
function M.setup(options)
  require('proactive.config').set(options or {})
  -- A plug-in manager that put this folder on the runtimepath late has not sourced it.
  vim.cmd.runtime('plugin/proactive.lua')
end

---Enables the server for all files, unless `autostart` is off. Files that are open already are attached.
function M.start()
  if not require('proactive.config').get().autostart or vim.lsp.is_enabled('proactive') then
    return
  end
  if vim.v.vim_did_enter == 1 then
    vim.lsp.enable('proactive')
  else -- files named on the command line: only after the start does `enable` look at what is open
    vim.api.nvim_create_autocmd('VimEnter', { once = true, callback = M.start })
  end
end

---A few words for the status line, from what the server said last; asks nothing and waits for nothing.
---@return string text empty for a buffer that the server does not see
function M.statusline()
  local status = package.loaded['proactive.status']
  return status and status.text() or ''
end

return M
