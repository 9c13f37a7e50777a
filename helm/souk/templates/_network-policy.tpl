{{/* A NetworkPolicy of a component: (dict "root" $ "component" "peer" "ingress" text "egress" text); without egress pods may go anywhere. */}}
{{- define "souk.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "souk.fullname" .root }}-{{ .component }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{ include "souk.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  podSelector: { matchLabels: { {{ include "souk.labelsOf" . }} } }
  policyTypes: [Ingress{{ if .egress }}, Egress{{ end }}]
  {{- if trim .ingress }}
  ingress: {{ .ingress | nindent 4 }}
  {{- else }}
  ingress: []
  {{- end }}
  {{- with .egress }}
  egress: {{ . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "souk.labelsOf" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}, app.kubernetes.io/instance: {{ .root.Release.Name }}, app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Pods of components, as items of from and to: (dict "root" $ "components" (list "peer")). */}}
{{- define "souk.podsOf" -}}
{{- range .components }}
- { podSelector: { matchLabels: { {{ include "souk.labelsOf" (dict "root" $.root "component" .) }} } } }
{{- end }}
{{- end }}

{{/* What every pod but the peers may ask: names, NATS, a receiver of traces, and what values add. */}}
{{- define "souk.commonEgress" -}}
- ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
{{- if include "souk.hasNats" . }}
- to: {{ include "souk.podsOf" (dict "root" . "components" (list "nats")) | trim | nindent 4 }}
  ports: [{ port: 4222, protocol: TCP }]
{{- else }}
- ports:
    {{- range splitList "," .Values.nats.external.url }}
    - { port: {{ regexFind "[0-9]*$" (regexFind ":[0-9]+/?$" . | trimSuffix "/") | default "4222" }}, protocol: TCP }
    {{- end }}
{{- end }}
{{- with .Values.telemetry.otlp.endpoint }}
- ports: [{ port: {{ regexFind "[0-9]+$" (regexFind "^[a-z]+://[^/]*" .) | default (ternary "443" "80" (hasPrefix "https:" .)) }}, protocol: TCP }]
{{- end }}
{{- with .Values.networkPolicy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end }}
