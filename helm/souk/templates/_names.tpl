{{/* Begin of all names: at most 40 characters, so that those of pods and their Services stay within 63. */}}
{{- define "souk.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}{{- end -}}
{{- end -}}
{{- end }}

{{/* Labels of everything. */}}
{{- define "souk.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: souk
{{ include "souk.selector" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Labels that select everything of this release. */}}
{{- define "souk.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels of pods: nothing that changes with every release of the chart, for pods that did not change to stay. */}}
{{- define "souk.podLabels" -}}
app.kubernetes.io/part-of: souk
{{ include "souk.selector" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* An app's image: (dict "root" $ "app" "peer"). */}}
{{- define "souk.image" -}}
{{- $image := .root.Values.image -}}
{{- $name := printf "%s-%s" $image.repository .app -}}
{{- $path := ternary $name (printf "%s/%s" $image.registry $name) (empty $image.registry) -}}
{{- $digest := get $image.digests .app -}}
{{- if $digest }}{{ $path }}@{{ $digest }}{{ else }}{{ $path }}:{{ default .root.Chart.AppVersion $image.tag }}{{ end -}}
{{- end }}

{{- define "souk.natsImage" -}}
{{- with .Values.nats.image }}{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}{{ end -}}
{{- end }}

{{- define "souk.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "souk.fullname" .) .Values.serviceAccount.name }}{{ else }}{{ default "default" .Values.serviceAccount.name }}{{ end -}}
{{- end }}

{{/* The Secret that holds what was given as a value. */}}
{{- define "souk.ownSecret" -}}
{{- include "souk.fullname" . -}}
{{- end }}

{{/* Whether there is a site here, and not super-peers only: text or nothing. */}}
{{- define "souk.hasSite" -}}
{{- if gt (int .Values.peers.replicas) 0 }}yes{{ end -}}
{{- end }}

{{- define "souk.hasNats" -}}
{{- if and (include "souk.hasSite" .) (not .Values.nats.external.url) }}yes{{ end -}}
{{- end }}

{{/* Whether our NATS servers are several, which know each other by a password. */}}
{{- define "souk.hasNatsCluster" -}}
{{- if and (include "souk.hasNats" .) (gt (int .Values.nats.replicas) 1) }}yes{{ end -}}
{{- end }}

{{/* Who told the network: `key`, `join` or nothing. */}}
{{- define "souk.networkTold" -}}
{{- $network := .Values.network -}}
{{- if $network.existingSecret.name }}{{ $network.existingSecret.holds }}{{ else if $network.key }}key{{ else if $network.join }}join{{ end -}}
{{- end }}

{{/* The servers of NATS as SOUK_NATS_URL names them. */}}
{{- define "souk.natsUrl" -}}
{{- if .Values.nats.external.url -}}
{{- .Values.nats.external.url -}}
{{- else -}}
{{- $name := printf "%s-nats" (include "souk.fullname" .) -}}
{{- $servers := list -}}
{{- range until (int .Values.nats.replicas) }}{{ $servers = append $servers (printf "nats://%s-%d.%s.%s.svc.%s:4222" $name . $name $.Release.Namespace $.Values.clusterDomain) }}{{ end -}}
{{- join "," $servers -}}
{{- end -}}
{{- end }}

{{/* Where `helm test` and the notes find the HTTP API inside of the cluster. */}}
{{- define "souk.insideUrl" -}}
{{- if include "souk.hasSite" . -}}
http://{{ include "souk.fullname" . }}-gateway.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:{{ .Values.gateway.service.port }}
{{- else -}}
http://{{ include "souk.fullname" . }}-super-http.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}:7685
{{- end -}}
{{- end }}

{{/* The Secret and its key that hold the operator's token. */}}
{{- define "souk.tokenRef" -}}
{{- $existing := .Values.gateway.existingSecret -}}
name: {{ default (include "souk.ownSecret" .) $existing.name }}
key: {{ ternary "token" $existing.key (empty $existing.name) }}
{{- end }}

{{/* The Secret that holds the passwords of NATS; its keys are the users' names, those of our own begin with nats-. */}}
{{- define "souk.natsPasswordRef" -}}
{{- $existing := .root.Values.nats.auth.existingSecret -}}
name: {{ default (include "souk.ownSecret" .root) $existing }}
key: {{ ternary (printf "nats-%s" .user) .user (empty $existing) }}
{{- end }}

{{/* The Secret and its key that hold the site's secret. */}}
{{- define "souk.siteSecretRef" -}}
{{- $existing := .Values.site.existingSecret -}}
name: {{ default (include "souk.ownSecret" .) $existing.name }}
key: {{ ternary "site-secret" $existing.key (empty $existing.name) }}
{{- end }}
