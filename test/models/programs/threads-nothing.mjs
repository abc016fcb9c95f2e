// A worker that offers nothing, and goes on.
setInterval(() => {}, 1000);
