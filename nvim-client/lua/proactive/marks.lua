-- The order in which a shell made its marks.
--
-- Neovim holds back a mark that comes while the buffer has yet to take in lines of the terminal, and does not hold
-- back the marks after it if the buffer has taken them in by then. So what is told in one go may be the later marks
-- followed by the earlier ones: the end of a command before its beginning.

local M = {}

---More than so many at once no shell makes: a program prints them, and they are left as they were told.
local MOST = 64

---@class proactive.Told: proactive.Mark
---@field place proactive.Place where the cursor was
---@field at integer nanoseconds, when it was told

---@param mark proactive.Told
---@return boolean
local function is_run(mark)
  return mark.kind == 'output' or mark.kind == 'end'
end

---How much speaks against an order: ends of what did not run, beginnings amid a run, and ways back up the screen
---other than from prompt to prompt, which is drawn anew now and then.
---@param marks proactive.Told[]
---@param first integer which of them came first; what is before it came last
---@param running boolean whether a command ran before them
---@return integer
local function against(marks, first, running)
  local count, last = 0, nil ---@type integer, proactive.Told?
  for step = 0, #marks - 1 do
    local mark = marks[(first - 1 + step) % #marks + 1]
    if (mark.kind == 'end' and not running) or (mark.kind == 'output' and running) then
      count = count + 1
    end
    if mark.kind == 'output' then
      running = true
    elseif mark.kind == 'end' then
      running = false
    end
    if mark.kind ~= 'folder' then
      if last and mark.place.row < last.place.row and (is_run(mark) or is_run(last)) then
        count = count + 1
      end
      last = mark
    end
  end
  return count
end

---The marks as they were made: as they were told, unless those from some mark on make more sense before the others.
---What was told too late counts as told with the one after it.
---@param marks proactive.Told[] told in one go
---@param running boolean whether a command ran before them
---@return proactive.Told[]
function M.in_order(marks, running)
  local best, least = 1, against(marks, 1, running)
  for first = 2, #marks <= MOST and #marks or 0 do
    local count = against(marks, first, running)
    if count < least then
      best, least = first, count
    end
  end
  local ordered = vim.list_extend(vim.list_slice(marks, best), marks, 1, best - 1)
  for place = #ordered - 1, 1, -1 do
    ordered[place].at = math.min(ordered[place].at, ordered[place + 1].at)
  end
  return ordered
end

return M
