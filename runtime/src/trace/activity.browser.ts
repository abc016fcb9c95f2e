/** In a browser nobody listens: it has no channels that tools could subscribe to. */
export function beginWait(): undefined {}
