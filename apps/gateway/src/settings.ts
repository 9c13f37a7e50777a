/** Injection token of the gateway's configuration. */
export const gatewaySettings = Symbol('gateway settings');
