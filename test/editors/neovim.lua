-- The user's steps in Neovim. Writes the results as JSON to the file in TUTTI_SEEN.
local seen = { asked = {} }
local function finish(problem)
  seen.problem = problem
  local file = assert(io.open(os.getenv("TUTTI_SEEN"), "w"))
  file:write(vim.fn.json_encode(seen))
  file:close()
  vim.cmd("qall!")
end
local function wait(what, fits)
  if not vim.wait(20000, fits, 20) then error("waited for " .. what .. "; messages: " .. vim.fn.execute("messages")) end
end
local function text() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") end
local function client() return (vim.lsp.get_clients or vim.lsp.get_active_clients)()[1] end

-- Menus and questions: selects the first match.
local wanted = { "Fix", "^Approve$" }
vim.ui.select = function(items, options, done)
  for _, pattern in ipairs(wanted) do
    for index, item in ipairs(items) do
      local shown = options and options.format_item and options.format_item(item) or item.title or tostring(item)
      if shown:match(pattern) then
        table.insert(seen.asked, (options and options.prompt or "") .. " > " .. shown)
        return done(item, index)
      end
    end
  end
  done(nil)
end
vim.fn.inputlist = function(lines)
  table.insert(seen.asked, table.concat(lines, "\n"))
  return 1
end

local new = vim.lsp.codelens.enable ~= nil
local function lenses()
  if new then vim.lsp.codelens.enable(true) else vim.lsp.codelens.refresh() end
  vim.wait(200, function() return false end)
  local titles = {}
  for _, lens in ipairs(vim.lsp.codelens.get(new and { bufnr = 0 } or 0)) do
    table.insert(titles, ((lens.lens or lens).command or {}).title)
  end
  return table.concat(titles, ", ")
end

local ok, problem = pcall(function()
  wait("the server", function()
    return client() and client().server_capabilities and client().server_capabilities.codeActionProvider ~= nil
  end)
  seen.name = client().name
  vim.api.nvim_buf_set_lines(0, 1, 1, false, { "// not saved" })
  -- Starts a new undo step, as leaving insert mode does.
  vim.cmd("let &undolevels = &undolevels")
  local lint = vim.api.nvim_create_namespace("lint")
  local found = { lnum = 0, col = 0, end_lnum = 0, end_col = 3, message = "use const", source = "lint" }
  vim.diagnostic.set(lint, 0, { found })
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  -- The key mapping of docs/editors.md, if any.
  local key = vim.fn.maparg("gra", "n", false, true)
  if key.callback then key.callback() else vim.lsp.buf.code_action() end
  wait("the edit", function() return text():match("const a") ~= nil end)
  seen.text = text()
  seen.modified = vim.bo.modified
  wait("lenses", function() return lenses():match("Keep") ~= nil end)
  seen.lenses = lenses()
  vim.cmd("redraw")
  wait("the picture", function() return vim.loop.fs_stat(os.getenv("TUTTI_GO")) ~= nil end)
  wanted = { "Keep", "^Approve$" }
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  vim.lsp.codelens.run()
  wait("keep", function() return lenses():match("Keep") == nil end)
  -- One undo reverts the agent's edit and keeps the typed text.
  vim.cmd("undo")
  seen.undone = text()
  -- At the end of the last line, with the kind of completion that this version supports.
  local at = { line = vim.api.nvim_buf_line_count(0) - 1, character = 9 }
  local method = vim.lsp.inline_completion and "textDocument/inlineCompletion" or "textDocument/completion"
  local given = vim.lsp.buf_request_sync(0, method, {
    textDocument = vim.lsp.util.make_text_document_params(0),
    position = at,
    context = { triggerKind = 1 },
  }, 10000)
  seen.completed = vim.fn.json_encode(given)
  vim.cmd("Tutti say hello")
  wait("a failure that is told", function() return vim.fn.execute("messages"):match("key") ~= nil end)
end)
seen.messages = vim.fn.execute("messages")
finish(not ok and tostring(problem) or nil)
