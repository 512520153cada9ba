-- Which document is in front, whether Neovim is, and whether text is selected or a snippet is being filled in.

local clients = require('proactive.clients')

local M = {}

local in_front ---@type string? the URI told last
local told = { selecting = false, in_snippet = false }
local watched ---@type integer? the autocommand that sees a snippet end while it is filled in

---Tells of another document; a terminal or a help page in between is none.
---@param buf integer
local function focused(buf)
  local client = clients.of_buffer(buf)
  local uri = client and vim.uri_from_bufnr(buf)
  if client and uri and uri ~= in_front then
    in_front = uri
    clients.send(client, 'focus', { kind = 'document.focused', where = { uri = uri } })
  end
end

---@param data table?
local function window(data)
  for _, client in ipairs(clients.all()) do
    clients.send(client, 'focus', { kind = 'window.focused', data = data })
  end
end

local selection

---Tells the server to hold back while text is selected or a snippet is active, and that it may speak again.
---@param mode string
function selection(mode)
  local snippet = vim.snippet.active()
  local now = {
    selecting = mode:find('^[vV\22]') ~= nil or (mode:find('^[sS\19]') ~= nil and not snippet),
    in_snippet = snippet,
  }
  if now.selecting == told.selecting and now.in_snippet == told.in_snippet then
    return
  end
  told = now
  -- No event tells of a snippet's end, so that while there is one each move of the cursor may be its last.
  if snippet and not watched then
    watched = vim.api.nvim_create_autocmd({ 'CursorMovedI', 'CursorMoved' }, {
      desc = 'proactive: is the snippet still active?',
      callback = function()
        selection(vim.api.nvim_get_mode().mode)
      end,
    })
  elseif not snippet and watched then
    vim.api.nvim_del_autocmd(watched)
    watched = nil
  end
  local client = clients.of_buffer(0)
  if client then
    clients.send(client, 'focus', {
      kind = 'selection.changed',
      where = { uri = vim.uri_from_bufnr(0) },
      data = now,
    })
  end
end

---@param buf integer
function M.attach(_, buf)
  if buf == vim.api.nvim_get_current_buf() then
    in_front = vim.uri_from_bufnr(buf) -- that it was opened says it
  end
end

function M.start()
  local group = vim.api.nvim_create_augroup('proactive.focus', { clear = true })
  vim.api.nvim_create_autocmd('BufEnter', {
    group = group,
    desc = 'proactive: another document',
    callback = function(args)
      focused(args.buf)
    end,
  })
  vim.api.nvim_create_autocmd('FocusGained', {
    group = group,
    desc = 'proactive: Neovim is in front',
    callback = function()
      window({ app = 'Neovim' })
    end,
  })
  vim.api.nvim_create_autocmd('FocusLost', {
    group = group,
    desc = 'proactive: another window is in front; which, is not known',
    callback = function()
      window()
    end,
  })
  vim.api.nvim_create_autocmd('ModeChanged', {
    group = group,
    desc = 'proactive: text is selected or no longer so',
    callback = function()
      selection(vim.v.event.new_mode)
    end,
  })
end

return M
