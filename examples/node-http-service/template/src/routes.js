/** What the service answers: method and path to a function whose result is sent as JSON. */
export const routes = {
  'GET /hello': () => ({ hello: 'world' }),
};
