#!/bin/sh
# A plugin in POSIX sh and awk, without a JSON program: one tool that returns the free space of a disk.
# It shows how small the protocol is: reads and writes one JSON message per line.

tools='{"tools":[{"name":"free_space","description":"Returns the free space of the disk with a folder.","inputSchema":{"type":"object","properties":{"path":{"type":"string","description":"A folder; default: the current one"}}},"annotations":{"readOnlyHint":true}}]}'
about='"capabilities":{"tools":{},"experimental":{"dev.tutti/plugin":{"version":1}}},"serverInfo":{"name":"shell-example","version":"1.0.0"}'

# Prints the relevant parts of a message, one JSON value per line: id, method, protocolVersion, tool name, path.
# It scans the message by characters and tracks the keys that lead to a value, so that text inside strings is not mistaken for one.
parts() {
  awk '
    function take(value) {
      if (depth == 1 && key[1] == "id") id = value
      if (depth == 1 && key[1] == "method") method = value
      if (depth == 2 && key[1] == "params" && key[2] == "protocolVersion") version = value
      if (depth == 2 && key[1] == "params" && key[2] == "name") name = value
      if (depth == 3 && key[1] == "params" && key[2] == "arguments" && key[3] == "path") path = value
    }
    {
      length_ = length($0)
      for (at = 1; at <= length_; at++) {
        letter = substr($0, at, 1)
        if (letter == "{" || letter == "[") { depth++; key[depth] = ""; wants[depth] = (letter == "{") }
        else if (letter == "}" || letter == "]") depth--
        else if (letter == ",") wants[depth] = (key[depth] != "")
        else if (letter == "\"") {
          start = at
          for (at++; at <= length_ && substr($0, at, 1) != "\""; at++) if (substr($0, at, 1) == "\\") at++
          text = substr($0, start, at - start + 1)
          if (wants[depth]) { key[depth] = substr(text, 2, length(text) - 2); wants[depth] = 0 }
          else take(text)
        }
        else if (letter ~ /[-0-9a-z]/) {
          start = at
          while (substr($0, at + 1, 1) ~ /[-+.0-9a-zA-Z]/) at++
          take(substr($0, start, at - start + 1))
        }
      }
      print id; print method; print version; print name; print path
    }'
}

# Encodes text as a JSON string.
quoted() {
  awk '
    { gsub(/\\/, "&&"); gsub(/"/, "\\\""); gsub(/\t/, "\\t"); gsub(/[[:cntrl:]]/, " "); text = text (NR > 1 ? "\\n" : "") $0 }
    END { printf "\"%s\"", text }'
}

result() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
reject() { printf '{"jsonrpc":"2.0","id":%s,"error":{"code":%s,"message":"%s"}}\n' "$id" "$1" "$2"; }
text() { result "{\"content\":[{\"type\":\"text\",\"text\":$(printf '%s\n' "$1" | quoted)}],\"isError\":$2}"; }

free_space() {
  path=${path#\"}
  path=${path%\"}
  case $path in
    *\\*) text 'the path has characters that this example does not support' true ;;
    *)
      if found=$(df -Pk -- "${path:-.}" 2>&1); then
        text "$(printf '%s\n' "$found" | awk 'NR == 2 { printf "%d MiB free of %d MiB", $4 / 1024, $2 / 1024 }')" false
      else
        text "$found" true
      fi
      ;;
  esac
}

while IFS= read -r line; do
  {
    IFS= read -r id
    IFS= read -r method
    IFS= read -r version
    IFS= read -r name
    IFS= read -r path
  } <<END
$(printf '%s\n' "$line" | parts)
END
  # A message without an id is a notification and gets no response.
  [ -n "$id" ] || continue
  case $method in
    '"initialize"') result "{\"protocolVersion\":${version:-\"2025-11-25\"},$about}" ;;
    '"ping"') result '{}' ;;
    '"tools/list"') result "$tools" ;;
    '"tools/call"')
      if [ "$name" = '"free_space"' ]; then free_space; else reject -32602 'no such tool'; fi
      ;;
    *) reject -32601 'method not found' ;;
  esac
done
