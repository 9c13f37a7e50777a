{{/* Refuses to render what could not run, and says which value is missing. */}}
{{- define "souk.checks" -}}
{{- include "souk.checkSecrets" . -}}
{{- include "souk.checkNetwork" . -}}
{{- include "souk.checkReach" . -}}
{{- include "souk.checkSettings" . -}}
{{- end }}

{{- define "souk.checkSecrets" -}}
{{- if not (or .Values.gateway.token .Values.gateway.existingSecret.name) }}{{ fail "The operator's token is missing: set gateway.token (16 characters or more), or gateway.existingSecret.name to a Secret that holds it." }}{{ end -}}
{{- if include "souk.hasSite" . -}}
{{- if not (or .Values.site.secret .Values.site.existingSecret.name) }}{{ fail "The site's secret is missing: set site.secret (16 characters or more), or site.existingSecret.name to a Secret that holds it." }}{{ end -}}
{{- $auth := .Values.nats.auth -}}
{{- if not $auth.existingSecret -}}
{{- $missing := list -}}
{{- range $user, $password := $auth.passwords }}{{ if and (not $password) (or (ne $user "cluster") (include "souk.hasNatsCluster" $)) }}{{ $missing = append $missing (printf "nats.auth.passwords.%s" $user) }}{{ end }}{{ end -}}
{{- if $missing }}{{ fail (printf "Passwords of NATS are missing: set %s, or nats.auth.existingSecret to the name of a Secret that holds them." (join ", " $missing)) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "souk.checkNetwork" -}}
{{- $network := .Values.network -}}
{{- $told := include "souk.networkTold" . -}}
{{- if and $network.key $network.join }}{{ fail "network.key and network.join both say which network to join: set one of them." }}{{ end -}}
{{- if and (eq $network.kind "open") (eq $told "key") }}{{ fail "network.kind is open, but there is a network key: an open network has none." }}{{ end -}}
{{- $peers := add (int .Values.peers.replicas) (int .Values.superPeers.replicas) -}}
{{- if eq (int $peers) 0 }}{{ fail "There is neither a peer nor a super-peer: set peers.replicas or superPeers.replicas to 1 or more." }}{{ end -}}
{{- if and (gt (int $peers) 1) (not $told) (ne $network.kind "open") }}{{ fail "Several peers need to be told their network: set network.key (openssl rand -hex 32), network.join (an invite), or network.existingSecret.name to a Secret that holds one of them." }}{{ end -}}
{{- if and (eq .Values.profile "backbone") (lt (int .Values.superPeers.replicas) 1) }}{{ fail "profile is backbone, and there is no super-peer: set superPeers.replicas to 1 or more." }}{{ end -}}
{{- end }}

{{- define "souk.checkReach" -}}
{{- $external := .Values.p2p.external -}}
{{- $relayed := and (eq .Values.p2p.relay "use") (include "souk.hasSite" .) -}}
{{- if and (ne .Values.profile "single") (eq $external.type "none") -}}
{{- if eq (int .Values.superPeers.replicas) 0 -}}
{{- if not $relayed }}{{ fail (printf "profile is %s, and no other site could reach its peers: set p2p.external.type to NodePort, LoadBalancer or hostPort, or p2p.relay to use." .Values.profile) }}{{ end -}}
{{- else }}{{ fail (printf "profile is %s, and no other site could reach its super-peers, for which relays are no help: set p2p.external.type to NodePort, LoadBalancer or hostPort." .Values.profile) }}{{ end -}}
{{- end -}}
{{- if and (eq $external.type "LoadBalancer") (empty $external.announce) }}{{ fail "p2p.external.type is LoadBalancer, and nobody knows its addresses beforehand: set p2p.external.announce, e.g. [\"/dns4/{pod}.souk.example.org/tcp/{port}\"]." }}{{ end -}}
{{- if and (eq $external.type "none") $external.announce }}{{ fail "p2p.external.announce names addresses, but p2p.external.type is none: nothing would answer there. Set it to NodePort, LoadBalancer or hostPort." }}{{ end -}}
{{- range $external.announce -}}
{{- $isPerPod := or (contains "{pod}" .) (contains "{ordinal}" .) (contains "{hostIP}" .) (and (contains "{port}" .) (eq $external.type "NodePort")) -}}
{{- if and (not $isPerPod) (gt (add (int $.Values.peers.replicas) (int $.Values.superPeers.replicas)) 1) }}{{ fail (printf "p2p.external.announce: %s would be the address of every pod. Put {pod}, {ordinal} or {hostIP} in it, or with NodePort {port}." .) }}{{ end -}}
{{- end -}}
{{- if and (eq $external.type "NodePort") (lt (int $external.nodePort.peers) (add (int $external.nodePort.superPeers) (int .Values.superPeers.replicas))) (lt (int $external.nodePort.superPeers) (add (int $external.nodePort.peers) (int .Values.peers.replicas))) }}{{ fail "p2p.external.nodePort: the ports of peers and super-peers overlap." }}{{ end -}}
{{- end }}

{{- define "souk.checkSettings" -}}
{{- $peers := .Values.peers -}}
{{- if and (ne $peers.copies nil) (include "souk.hasSite" .) (gt (int $peers.copies) (int $peers.replicas)) }}{{ fail (printf "peers.copies is %d, but the site has %d peers: a publish can be on as many disks as there are peers." (int $peers.copies) (int $peers.replicas)) }}{{ end -}}
{{- if and (eq .Values.network.follow "list") (ne $peers.role "leaf") }}{{ fail "network.follow is list, which only a leaf can: set peers.role to leaf." }}{{ end -}}
{{- if and .Values.network.followList (eq .Values.network.follow "all") }}{{ fail "network.followList says what to follow, and network.follow that all is followed: set it to list." }}{{ end -}}
{{- if and (eq .Values.p2p.relay "use") (eq $peers.role "super") }}{{ fail "p2p.relay is use, but a super-peer can't be reached through relays: set peers.role to leaf or full." }}{{ end -}}
{{- if and .Values.ingress.enabled (empty .Values.ingress.hosts) }}{{ fail "ingress.enabled, and no host name: set ingress.hosts." }}{{ end -}}
{{- if and .Values.httpRoute.enabled (empty .Values.httpRoute.parentRefs) }}{{ fail "httpRoute.enabled, and no gateway that it belongs to: set httpRoute.parentRefs." }}{{ end -}}
{{- end }}
