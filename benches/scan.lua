-- Each request is a new scan of one pack by a handheld, under an identifier of its own (a version 4 UUID), for wrk.
local procedures = {}
for procedure in os.getenv("PROCEDURES"):gmatch("%S+") do
  procedures[#procedures + 1] = procedure
end
local token = os.getenv("TOKEN")
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init()
  math.randomseed(os.time() * 1000 + number)
end

local function hex(count)
  local digits = {}
  for i = 1, count do
    digits[i] = string.format("%x", math.random(0, 15))
  end
  return table.concat(digits)
end

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function base64(bytes)
  local out = {}
  for i = 1, #bytes, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    for k = 3, 0, -1 do
      local index = math.floor(n / 64 ^ k) % 64
      out[#out + 1] = alphabet:sub(index + 1, index + 1)
    end
    if not b then out[#out - 1] = "=" end
    if not c then out[#out] = "=" end
  end
  return table.concat(out)
end

function request()
  local id = hex(8) .. "-" .. hex(4) .. "-4" .. hex(3) .. "-8" .. hex(3) .. "-" .. hex(12)
  local scan = "]d2010952100502201517391031" .. "10" .. hex(6):upper() .. "\29" .. "21" .. hex(10):upper()
  local body = string.format(
    '{"id":"%s","procedure":"%s","scanned_at":"%s","entry":"handheld","symbols":[{"bytes":"%s","aim":null}]}',
    id, procedures[math.random(#procedures)], os.date("!%Y-%m-%dT%H:%M:%SZ"), base64(scan))
  return wrk.format("POST", "/api/v1/scans", {
    ["Content-Type"] = "application/json",
    ["Authorization"] = "Bearer " .. token,
  }, body)
end

function done(summary, latency)
  io.write(string.format("%d requests, %.0f a second; median %.1f ms, p99 %.1f ms; not answered 2xx: %d\n",
    summary.requests, summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, summary.errors.status + summary.errors.timeout + summary.errors.connect))
end
