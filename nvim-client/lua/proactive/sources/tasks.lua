-- `:make` and `:lmake`: what was run, how it ended, what it said.
--
-- `:grep` and its like are searches, and what fills the list from elsewhere (`:cexpr`, `:cgetfile`, `setqflist`) does
-- not say how a run ended.

local clients = require('proactive.clients')
local text = require('proactive.text')

local M = {}

local MOST_OUTPUT = 64 * 1024 -- bytes
local MOST_FAILURES = 200

---@class proactive.Make
---@field began integer nanoseconds
---@field default boolean whether 'errorformat' is the one that Neovim comes with

local under_way ---@type proactive.Make?

---@param entry table
---@return string? path relative to the working directory, where it lies below that
local function path_of(entry)
  local name = entry.bufnr > 0 and vim.api.nvim_buf_is_valid(entry.bufnr) and vim.api.nvim_buf_get_name(entry.bufnr)
  return name and name ~= '' and vim.fn.fnamemodify(name, ':.') or nil
end

---A line of the list as the program printed it, as nearly as the list tells.
---@param entry table
---@return string
local function printed(entry)
  local path = entry.valid == 1 and path_of(entry)
  if not path then
    return entry.text
  end
  local place = path
  for _, number in ipairs({ entry.lnum, entry.col }) do
    place = number > 0 and ('%s:%d'):format(place, number) or place
  end
  return ('%s:%s%s'):format(place, vim.startswith(entry.text, ' ') and '' or ' ', entry.text)
end

---@param entries table[]
---@return table[]
local function failures_of(entries)
  local failures = {} ---@type table[]
  for _, entry in ipairs(entries) do
    local path = entry.valid == 1 and path_of(entry)
    if path and vim.trim(entry.text) ~= '' and not entry.type:find('[wWiInN]') and #failures < MOST_FAILURES then
      table.insert(failures, {
        message = text.valid(text.one_line(vim.trim(entry.text))):sub(1, 2000),
        path = text.valid(path),
        line = entry.lnum > 0 and entry.lnum - 1 or nil,
        column = entry.lnum > 0 and entry.col > 0 and entry.col - 1 or nil,
      })
    end
  end
  return failures
end

---The exit status; nil where the shell only tells that of `tee`, as it does by the usual 'shellpipe'.
---@return integer?
local function exit_code()
  if vim.v.shell_error == 0 and vim.o.shellpipe:find('|', 1, true) then
    return nil
  end
  return vim.v.shell_error
end

---@param make proactive.Make
---@param is_local boolean `:lmake`
local function tell(make, is_local)
  local cwd = vim.fn.getcwd()
  local client, spelled = clients.of_folder(cwd)
  if not client then
    return
  end
  local what = { items = 1, title = 1 }
  local list = is_local and vim.fn.getloclist(0, what) or vim.fn.getqflist(what)
  local lines = vim.tbl_map(printed, list.items)
  local data = {
    name = text.valid(vim.trim((list.title:gsub('^:', '')))), -- the list is named after the command as it was run
    cwd = spelled,
    exit_code = exit_code(),
    seconds = (vim.uv.hrtime() - make.began) / 1e9,
    output = text.valid(text.tail(table.concat(lines, '\n') .. '\n', MOST_OUTPUT)),
  }
  -- By an 'errorformat' of its own the list has understood more than the server could; by the default one, less.
  if data.exit_code ~= 0 and not make.default then
    local failures = failures_of(list.items)
    data.failures = #failures > 0 and failures or nil
  end
  clients.send(client, 'tasks', { kind = 'task.run', data = data })
end

function M.start()
  local group = vim.api.nvim_create_augroup('proactive.tasks', { clear = true })
  local default = vim.api.nvim_get_option_info2('errorformat', {}).default
  vim.api.nvim_create_autocmd('QuickFixCmdPre', {
    group = group,
    pattern = { 'make', 'lmake' },
    desc = 'proactive: a run begins',
    callback = function()
      under_way = {
        began = vim.uv.hrtime(),
        default = (vim.bo.errorformat ~= '' and vim.bo.errorformat or vim.go.errorformat) == default,
      }
    end,
  })
  vim.api.nvim_create_autocmd('QuickFixCmdPost', {
    group = group,
    pattern = { 'make', 'lmake' },
    desc = 'proactive: a run has ended',
    callback = function(args)
      local make = under_way
      under_way = nil
      if make then
        tell(make, args.match == 'lmake')
      end
    end,
  })
end

return M
