/**
 * A module for `node --import`: ends the process in good order when its parent is gone, however that went. The parent
 * keeps a channel to it open; the channel itself keeps nothing alive.
 */
export const lifeline = `data:text/javascript,${encodeURIComponent("process.once('disconnect', () => process.kill(process.pid, 'SIGTERM')); process.channel?.unref();")}`;
