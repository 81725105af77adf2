-- What a user does in Neovim, by the functions that 0.7 and 0.10 both have. What is seen goes to $REPORT as JSON.
local report = {}
local function request(buffer, client, method, params)
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 20000)
  local answer = answers and answers[client]
  assert(answer and not answer.err, method .. ': ' .. vim.inspect(answer))
  return answer.result
end

local ok, problem = pcall(function()
  local command = vim.fn.json_decode(vim.env.SERVER)
  vim.cmd('edit Dockerfile')
  vim.bo.filetype = 'dockerfile'
  local buffer = vim.api.nvim_get_current_buf()
  local id = assert(vim.lsp.start_client({ name = 'dflint', cmd = command, root_dir = vim.fn.getcwd() }))
  local client
  assert(vim.wait(20000, function()
    client = vim.lsp.get_client_by_id(id)
    return client and client.initialized and client.server_capabilities ~= nil
  end, 20), 'no answer to initialize')
  vim.lsp.buf_attach_client(buffer, id)
  assert(vim.wait(20000, function() return #vim.diagnostic.get(buffer) > 0 end, 50), 'no diagnostics')
  report.diagnostics = {}
  for _, found in ipairs(vim.diagnostic.get(buffer)) do
    table.insert(report.diagnostics, { line = found.lnum, message = found.message, source = found.source })
  end

  local document = vim.lsp.util.make_text_document_params(buffer)
  local function at(line, character)
    return { textDocument = document, position = { line = line, character = character } }
  end
  report.hover = request(buffer, id, 'textDocument/hover', at(0, 1)).contents.value
  local completion = request(buffer, id, 'textDocument/completion', at(4, 3))
  report.completion = vim.tbl_map(function(item) return item.label end, completion.items)

  local encoding = client.offset_encoding
  local rename = at(0, 22)
  rename.newName = 'compile'
  vim.lsp.util.apply_workspace_edit(request(buffer, id, 'textDocument/rename', rename), encoding)
  report.renamed = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)

  local whole = { start = { line = 0, character = 0 }, ['end'] = { line = vim.api.nvim_buf_line_count(buffer), character = 0 } }
  local function apply(kind)
    local params = { textDocument = document, range = whole, context = { diagnostics = {}, only = { kind } } }
    local action = assert(request(buffer, id, 'textDocument/codeAction', params)[1], 'no action of kind ' .. kind)
    if not action.edit then action = request(buffer, id, 'codeAction/resolve', action) end
    vim.lsp.util.apply_workspace_edit(action.edit, encoding)
    return vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  end
  vim.api.nvim_buf_set_lines(buffer, 4, 5, false, { 'WORKDIR /x' })
  report.fixed = apply('source.fixAll.dflint')
  vim.cmd('silent write')
  report.saved = vim.fn.readfile('Dockerfile')

  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.fn.json_decode(vim.env.SINGLE_STAGE))
  vim.wait(300)
  report.rewritten = apply('refactor.rewrite.dflint.multiStage')
  vim.cmd('silent write')
  report.saved_rewrite = vim.fn.readfile('Dockerfile')
end)
report.problem = ok and '' or tostring(problem)
vim.fn.writefile({ vim.fn.json_encode(report) }, vim.env.REPORT)
vim.cmd('qall!')
