-- A small window with some lines of plain text, gone with `q`.

local text = require('proactive.text')

local M = {}

local WIDEST = 80

---Lines that fit the width, broken at blanks.
---@param line string
---@param width integer cells
---@return string[]
local function wrapped(line, width)
  local lines = {} ---@type string[]
  local current = ''
  for word in text.one_line(line):gmatch('%S+') do
    local longer = current == '' and word or current .. ' ' .. word
    if current ~= '' and vim.api.nvim_strwidth(longer) > width then
      table.insert(lines, current)
      longer = word
    end
    current = longer
  end
  table.insert(lines, current)
  return lines
end

---Shows text in a window near the cursor and goes there; only for what the user has asked for.
---@param title string
---@param paragraphs string[] plain text, one a line; long ones are wrapped
---@return integer window
function M.open(title, paragraphs)
  local width = math.max(20, math.min(WIDEST, vim.o.columns - 4))
  local lines = {} ---@type string[]
  for _, paragraph in ipairs(paragraphs) do
    vim.list_extend(lines, wrapped(paragraph, width))
  end
  local longest = vim.api.nvim_strwidth(title) + 2
  for _, line in ipairs(lines) do
    longest = math.max(longest, vim.api.nvim_strwidth(line))
  end
  local buf = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].modifiable = false
  vim.bo[buf].bufhidden = 'wipe'
  local window = vim.api.nvim_open_win(buf, true, {
    relative = 'cursor',
    row = 1,
    col = 0,
    width = math.min(longest, math.max(1, vim.o.columns - 2)),
    height = math.max(1, math.min(#lines, vim.o.lines - 4)),
    style = 'minimal',
    border = 'rounded',
    title = (' %s '):format(title),
  })
  vim.wo[window].wrap = true
  for _, key in ipairs({ 'q', '<Esc>' }) do
    vim.keymap.set('n', key, '<Cmd>close<CR>', { buffer = buf, nowait = true, desc = 'close' })
  end
  return window
end

return M
