// Stands in for the native module that ends an extension host whose server is gone.
"use strict";

exports.start = (pid) => {
  const watch = setInterval(() => {
    try {
      process.kill(pid, 0);
    } catch {
      clearInterval(watch);
      process.exit(87);
    }
  }, 3000);
  watch.unref();
};

exports.exit = (code) => process.exit(code ?? 0);
