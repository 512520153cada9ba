-- Text on its way to the server and to the screen: counted, cut and cleaned.

local M = {}

---The last part of a text, at most so many bytes, from the beginning of a character on.
---@param text string
---@param most integer bytes
---@return string
function M.tail(text, most)
  if #text <= most then
    return text
  end
  local start = #text - most + 1
  while start <= #text and text:byte(start) >= 0x80 and text:byte(start) < 0xC0 do
    start = start + 1
  end
  return text:sub(start)
end

---The text as valid UTF-8: a program may print what it likes, JSON takes no other.
---@param text string
---@return string
function M.valid(text)
  return (
    text:gsub('[\128-\255]+', function(run)
      local chars, byte = {}, 1 ---@type string[], integer
      while byte <= #run do
        local last = byte + vim.str_utf_end(run, byte)
        local lone = last == byte -- in such a run each character has two bytes at least
        table.insert(chars, lone and '\239\191\189' or run:sub(byte, last))
        byte = last + 1
      end
      return table.concat(chars)
    end)
  )
end

---A line that a buffer or the message line can show: no line breaks, no control characters.
---@param text string
---@return string
function M.one_line(text)
  return (text:gsub('%s*[\r\n]+%s*', ' '):gsub('\t', ' '):gsub('%c', ''))
end

---A byte position in UTF-16 code units, as the protocol counts.
---@param line string
---@param byte integer from zero
---@return integer
function M.utf16(line, byte)
  return vim.str_utfindex(line, 'utf-16', math.max(0, math.min(byte, #line)), false)
end

---The part of a line from a screen column on.
---@param line string
---@param column integer cells, from zero
---@return string
function M.from_cell(line, column)
  local cell, byte = 0, 1
  while byte <= #line and cell < column do
    local char = line:sub(byte, byte + vim.str_utf_end(line, byte))
    cell = cell + vim.api.nvim_strwidth(char)
    byte = byte + #char
  end
  return line:sub(byte)
end

---The part of a line before a screen column.
---@param line string
---@param column integer cells, from zero
---@return string
function M.until_cell(line, column)
  return line:sub(1, #line - #M.from_cell(line, column))
end

return M
