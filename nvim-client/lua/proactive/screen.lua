-- Text out of a terminal buffer, whose lines are the rows of a screen.

local text = require('proactive.text')

local M = {}

---So many rows are looked at, from the end.
local MOST_ROWS = 3000

---The cells that a terminal has in a row, by the windows that show it.
---@param buf integer
---@return integer? nil if no window shows it
function M.width(buf)
  local widest ---@type integer?
  for _, window in ipairs(vim.fn.win_findbuf(buf)) do
    local info = vim.fn.getwininfo(window)[1]
    widest = math.max(widest or 0, info.width - info.textoff)
  end
  return widest
end

---Whether a row that fills the screen's width may be the first part of a longer line. Test runners fill rows on
---purpose, with rules (`=====`) and with a percentage at the right edge.
---@param row string
---@return boolean
local function may_go_on(row)
  local last = row:sub(-1)
  return not (last:find('%p') and row:sub(-3) == last:rep(3)) and not row:find('%d%%%]$')
end

---Rows as lines: what the screen's edge broke is joined. The screen does not tell for sure.
---@param rows string[]
---@param width integer? cells
---@return string[]
function M.join(rows, width)
  local lines = {} ---@type string[]
  local open = false
  for _, row in ipairs(rows) do
    if open then
      lines[#lines] = lines[#lines] .. row
    else
      table.insert(lines, row)
    end
    open = width ~= nil and #row >= width and vim.api.nvim_strwidth(row) >= width and may_go_on(row)
  end
  return lines
end

---How many rows a text takes up.
---@param line string
---@param column integer cells before its beginning
---@param width integer? cells in a row
---@return integer
function M.rows(line, column, width)
  local count = 0
  for part in vim.gsplit(line, '\n') do
    local cells = column + vim.api.nvim_strwidth(part)
    count = count + math.max(1, width and math.ceil(cells / width) or 1)
    column = 0
  end
  return count
end

---@class proactive.Spot
---@field row integer from one
---@field column integer cells, from zero

---The text between two spots, without the blanks at its end.
---@param buf integer
---@param from proactive.Spot
---@param to proactive.Spot
---@param width integer? cells in a row
---@return string
function M.between(buf, from, to, width)
  if to.row < from.row or (to.row == from.row and to.column <= from.column) then
    return ''
  end
  local first = math.max(1, from.row, to.row - MOST_ROWS)
  local rows = vim.api.nvim_buf_get_lines(buf, first - 1, to.row, false)
  if #rows == to.row - first + 1 then
    rows[#rows] = text.until_cell(rows[#rows], to.column)
  end
  if rows[1] and first == from.row then
    rows[1] = text.from_cell(rows[1], from.column)
  end
  return (table.concat(M.join(rows, width), '\n'):gsub('%s+$', ''))
end

return M
