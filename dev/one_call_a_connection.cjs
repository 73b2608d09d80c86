// For firebase-tools: one call per connection to the functions. Node keeps connections open for the
// next call, and functions-framework closes them after two idle seconds: a call that comes in that
// moment is answered with 500 {"code":"ECONNRESET"}, and the emulator ends the function's process.
// Seen with firebase-tools 15.34.2 and functions-framework 3.10.2.
const http = require("node:http");

http.globalAgent = new http.Agent({ keepAlive: false });
