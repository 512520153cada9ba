-- The order in which a shell made its marks.
--
-- Neovim holds back a mark that comes while the buffer has yet to take in lines of the terminal, and does not hold
-- back the marks after it if the buffer has taken them in by then. So what is told in one go may be the later marks
-- followed by the earlier ones: the end of a command before its beginning.
--
-- Whether it is so is told by two things at once: the place of a mark lies before that of the mark told before it,
-- and the marks make more sense the other way round. A shell within a shell, a prompt that clears the screen or is
-- drawn anew does not have both. (Where the scrollback is full all places are alike: an end without a beginning, as
-- some shells tell of after an empty line, is then taken for that of a command typed ahead.)

local M = {}

---More than so many at once no shell makes: a program prints them, and they are left as they were told.
local MOST = 64

---@class proactive.Told: proactive.Mark
---@field place proactive.Place where the cursor was
---@field at integer nanoseconds, when it was told

---@class proactive.Before what was known before some marks
---@field running boolean whether a command ran
---@field anchor proactive.Place? of the prompt that waited
---@field last string? the kind of the last mark, folders left out

---@param one proactive.Place
---@param other proactive.Place
---@return boolean
local function is_before(one, other)
  return one.row < other.row or (one.row == other.row and one.column < other.column)
end

---How much speaks against an order: ends of what did not run, command lines without their prompt, and commands that
---begin before the prompt at which they were given.
---@param marks proactive.Told[]
---@param first integer which of them came first; what is before it came last
---@param before proactive.Before
---@return integer
local function against(marks, first, before)
  local count, running, anchor, last = 0, before.running, before.anchor, before.last
  for step = 0, #marks - 1 do
    local mark = marks[(first - 1 + step) % #marks + 1]
    local kind, place = mark.kind, mark.place
    local wrong = (kind == 'end' and not running)
      or (kind == 'input' and last ~= 'prompt')
      or (kind == 'output' and anchor ~= nil and is_before(place, anchor))
    count = count + (wrong and 1 or 0)
    if kind == 'output' then
      running, anchor = true, nil
    elseif kind == 'end' then
      running = false
    elseif kind ~= 'folder' then
      anchor = place
    end
    last = kind ~= 'folder' and kind or last
  end
  return count
end

---@param marks proactive.Told[]
---@param from integer
---@param to integer
---@param step integer
---@return proactive.Place? place of the next of them that has one to speak of
local function place_of(marks, from, to, step)
  for number = from, to, step do
    if marks[number].kind ~= 'folder' then
      return marks[number].place
    end
  end
end

---The marks as they were made: as they were told, unless those from some mark on came before the others.
---What was told too late counts as told with the one after it.
---@param marks proactive.Told[] told in one go
---@param before proactive.Before
---@return proactive.Told[]
function M.in_order(marks, before)
  local best, least = 1, against(marks, 1, before)
  for first = 2, #marks <= MOST and least > 0 and #marks or 0 do
    local left, place = place_of(marks, first - 1, 1, -1), place_of(marks, first, #marks, 1)
    if left and place and is_before(place, left) then
      local count = against(marks, first, before)
      if count < least then
        best, least = first, count
      end
    end
  end
  local ordered = vim.list_extend(vim.list_slice(marks, best), marks, 1, best - 1)
  for place = #ordered - 1, 1, -1 do
    ordered[place].at = math.min(ordered[place].at, ordered[place + 1].at)
  end
  return ordered
end

return M
