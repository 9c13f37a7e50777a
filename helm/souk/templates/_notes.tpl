{{/* What helm says after an installation. */}}
{{- define "souk.notes" -}}
Souk {{ .Chart.AppVersion }}, profile {{ .Values.profile }}.
{{- $hasSite := include "souk.hasSite" . }}
{{- $service := ternary (printf "%s-gateway" (include "souk.fullname" .)) (printf "%s-super-http" (include "souk.fullname" .)) (not (empty $hasSite)) }}
{{- $port := ternary (.Values.gateway.service.port | toString) "7685" (not (empty $hasSite)) }}

URL
{{- if and $hasSite .Values.ingress.enabled }}
{{- range .Values.ingress.hosts }}
  http{{ if $.Values.ingress.tls }}s{{ end }}://{{ . }}
{{- end }}
{{- else if and $hasSite .Values.httpRoute.enabled .Values.httpRoute.hostnames }}
{{- range .Values.httpRoute.hostnames }}
  https://{{ . }}
{{- end }}
{{- else }}
  {{ include "souk.insideUrl" . }} inside of the cluster; from here:
  kubectl -n {{ .Release.Namespace }} port-forward service/{{ $service }} 7685:{{ $port }}
  export SOUK_SITE=http://127.0.0.1:7685
{{- end }}
{{- $token := fromYaml (include "souk.tokenRef" .) }}
  export SOUK_TOKEN=$(kubectl -n {{ .Release.Namespace }} get secret {{ $token.name }} -o go-template='{{ printf "{{ index .data %q | base64decode }}" $token.key }}')

Peer id
  souk network          # the first line; --json has all of it

Bootstrap address
{{- $peers := list }}
{{- if $hasSite }}{{ $peers = append $peers (dict "root" $ "name" (printf "%s-peer" (include "souk.fullname" .)) "replicas" .Values.peers.replicas "nodePort" .Values.p2p.external.nodePort.peers) }}{{ end }}
{{- if gt (int .Values.superPeers.replicas) 0 }}{{ $peers = append $peers (dict "root" $ "name" (printf "%s-super" (include "souk.fullname" .)) "replicas" .Values.superPeers.replicas "nodePort" .Values.p2p.external.nodePort.superPeers) }}{{ end }}
{{- range $set := $peers }}
{{- with include "souk.announced" $set }}
{{- range splitList "," . }}
  {{ . | replace "$(HOST_IP)" "<address of the pod's node>" | replace "@" ": " }}/p2p/<peer id>
{{- end }}
{{- else }}
  /dns4/{{ $set.name }}.{{ $.Release.Namespace }}.svc.{{ $.Values.clusterDomain }}/tcp/{{ $.Values.p2p.port }}   (inside of the cluster{{ if eq $.Values.p2p.relay "use" }}; from outside through relays of super-peers{{ end }})
{{- end }}
{{- end }}
  souk network invite   # what others join by: key and addresses
{{- if gt (int .Values.superPeers.replicas) 0 }}

Super-peers count as such when the network's charter names them: souk network amend --super ADDRESS (docs/networks.md).
{{- end }}
{{- if .Values.tests.enabled }}

Try it: helm test {{ .Release.Name }} -n {{ .Release.Namespace }}
{{- end }}
{{- end }}
