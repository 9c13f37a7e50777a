{{/* What every pod has: the restricted level of Pod Security, no token of the API server, no variables of other Services, which would be
taken for settings. (dict "root" $ "set" .Values.x "component" "peer") */}}
{{- define "souk.podBase" -}}
serviceAccountName: {{ include "souk.serviceAccount" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .root.Values.podSecurity.runAsUser }}
  runAsGroup: {{ .root.Values.podSecurity.runAsGroup }}
  fsGroup: {{ .root.Values.podSecurity.runAsGroup }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{/* Where pods of a set run. */}}
{{- define "souk.podPlace" -}}
{{- $selector := printf "matchLabels: { app.kubernetes.io/name: %s, app.kubernetes.io/instance: %s, app.kubernetes.io/component: %s }" (default .root.Chart.Name .root.Values.nameOverride) .root.Release.Name .component -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: { {{ $selector }} }
{{- with .set.spreadOver }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: { {{ $selector }} }
{{- end }}
{{- with .set.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .set.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .set.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .set.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
terminationGracePeriodSeconds: {{ .set.terminationGracePeriodSeconds }}
{{- end }}

{{- define "souk.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* Startup: it listens. Liveness: the process turns. Readiness: it does its work. A service waits for NATS and for others by itself and says so
by readiness alone, so that nothing is killed for what another one lacks. (dict "port" "http" "startupSeconds" 120) */}}
{{- define "souk.probes" -}}
startupProbe:
  tcpSocket: { port: {{ .port }} }
  periodSeconds: 2
  failureThreshold: {{ div .startupSeconds 2 }}
livenessProbe:
  httpGet: { path: /healthz, port: {{ .port }} }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: {{ .port }} }
  periodSeconds: 3
  timeoutSeconds: 3
  failureThreshold: 2
{{- end }}

{{/* A variable from a Secret: (dict "env" "SOUK_X" "ref" "name: ...\nkey: ..."). */}}
{{- define "souk.secretEnv" -}}
- name: {{ .env }}
  valueFrom:
    secretKeyRef: {{ .ref | nindent 6 }}
{{- end }}

{{/* How a service reaches NATS: (dict "root" $ "user" "search"). */}}
{{- define "souk.natsEnv" -}}
- { name: SOUK_NATS_URL, value: {{ include "souk.natsUrl" .root | quote }} }
- { name: SOUK_NATS_USER, value: {{ .user }} }
{{ include "souk.secretEnv" (dict "env" "SOUK_NATS_PASSWORD" "ref" (include "souk.natsPasswordRef" .)) }}
{{- end }}

{{/* Traces: the standard variables of OpenTelemetry. (dict "root" $) */}}
{{- define "souk.telemetryEnv" -}}
{{- with .root.Values.telemetry.otlp -}}
{{- if .endpoint }}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .endpoint | quote }} }
- { name: OTEL_TRACES_SAMPLER, value: parentbased_traceidratio }
- { name: OTEL_TRACES_SAMPLER_ARG, value: {{ .sampling | quote }} }
- { name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
{{- $attributes := list (printf "k8s.namespace.name=%s" $.root.Release.Namespace) "k8s.pod.name=$(POD_NAME)" -}}
{{- range $name, $value := .resourceAttributes }}{{ $attributes = append $attributes (printf "%s=%s" $name $value) }}{{ end }}
- { name: OTEL_RESOURCE_ATTRIBUTES, value: {{ join "," $attributes | quote }} }
{{- with .headersSecret }}
{{- if .name }}
{{ include "souk.secretEnv" (dict "env" "OTEL_EXPORTER_OTLP_HEADERS" "ref" (printf "name: %s\nkey: %s" .name .key)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Rolls pods when what they were configured with is another. */}}
{{- define "souk.checksum" -}}
checksum/config: {{ printf "%s%s%s" (include (print $.Template.BasePath "/secret.yaml") .) (toYaml .Values.network) (toYaml .Values.p2p) | sha256sum }}
{{- end }}
