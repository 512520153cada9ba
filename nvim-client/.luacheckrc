-- luacheck --config nvim-client/.luacheckrc nvim-client
std = 'luajit'
globals = { 'vim' } -- options are set by assigning to its fields
max_line_length = 120
