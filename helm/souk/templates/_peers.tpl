{{/* What the network is, for peers and super-peers alike: (dict "root" $ "name" set name "replicas" n "nodePort" first "role" "full" "set" .Values.x). */}}
{{- define "souk.networkEnv" -}}
{{- $root := .root -}}
{{- $network := $root.Values.network -}}
{{- $told := include "souk.networkTold" $root -}}
- { name: SOUK_NETWORK, value: {{ $network.kind }} }
{{- if $told }}
{{ include "souk.secretEnv" (dict "env" (ternary "SOUK_NETWORK_KEY" "SOUK_JOIN" (eq $told "key")) "ref" (printf "name: %s\nkey: %s" (default (include "souk.ownSecret" $root) $network.existingSecret.name) (ternary (printf "network-%s" $told) $told (empty $network.existingSecret.name)))) }}
{{- end }}
- { name: SOUK_ROLE, value: {{ .role }} }
- { name: SOUK_DATA, value: /data }
- { name: SOUK_P2P_HOST, value: {{ $root.Values.listenHost | quote }} }
- { name: SOUK_P2P_PORT, value: {{ $root.Values.p2p.port | quote }} }
- { name: SOUK_MAX_BLOB, value: {{ int64 $root.Values.maxBlobBytes | quote }} }
{{- with include "souk.superAddresses" $root }}
- { name: SOUK_SUPERS, value: {{ . | quote }} }
{{- end }}
{{- with $network.bootstrap }}
- { name: SOUK_BOOTSTRAP, value: {{ join "," . | quote }} }
{{- end }}
{{- with $network.sharedRanges }}
- { name: SOUK_SHARED_RANGES, value: {{ join "," . | quote }} }
{{- end }}
{{- if $network.charter }}
- { name: SOUK_CHARTER, value: /etc/souk/charter }
{{- end }}
{{- with include "souk.announced" . }}
- { name: HOST_IP, valueFrom: { fieldRef: { fieldPath: status.hostIP } } }
- { name: SOUK_POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
- { name: SOUK_P2P_ANNOUNCE, value: {{ . | quote }} }
{{- end }}
{{- range $variable, $value := .set.settings }}
- { name: {{ $variable }}, value: {{ ternary (printf "%.0f" ($value | toString | float64)) (toString $value) (kindIs "float64" $value) | quote }} }
{{- end }}
{{- end }}

{{/* Super-peers of this release, by the name that stands for all of their addresses, and those that values name. */}}
{{- define "souk.superAddresses" -}}
{{- $all := .Values.network.superPeers -}}
{{- if gt (int .Values.superPeers.replicas) 0 }}{{ $all = prepend $all (printf "/dns4/%s-super.%s.svc.%s/tcp/%d" (include "souk.fullname" .) .Release.Namespace .Values.clusterDomain (int .Values.p2p.port)) }}{{ end -}}
{{- join "," $all -}}
{{- end }}

{{/* What pods announce: each its own, by its name. Without addresses in the values it is that of the node, where that answers. */}}
{{- define "souk.announced" -}}
{{- $external := .root.Values.p2p.external -}}
{{- $port := int .root.Values.p2p.port -}}
{{- if ne $external.type "none" -}}
{{- $all := list -}}
{{- range $ordinal := until (int .replicas) -}}
{{- $pod := printf "%s-%d" $.name $ordinal -}}
{{- $own := ternary (add (int $.nodePort) $ordinal | int) $port (eq $external.type "NodePort") -}}
{{- range default (list "/ip4/{hostIP}/tcp/{port}") $external.announce -}}
{{- $address := . | replace "{pod}" $pod | replace "{ordinal}" (toString $ordinal) | replace "{port}" (toString $own) | replace "{hostIP}" "$(HOST_IP)" -}}
{{- $all = append $all (printf "%s@%s" $pod $address) -}}
{{- end -}}
{{- end -}}
{{- join "," $all -}}
{{- end -}}
{{- end }}

{{- define "souk.p2pPort" -}}
- { name: p2p, containerPort: {{ .Values.p2p.port }}{{ if eq .Values.p2p.external.type "hostPort" }}, hostPort: {{ .Values.p2p.port }}{{ end }} }
{{- end }}

{{- define "souk.dataMounts" -}}
- { name: data, mountPath: /data }
- { name: tmp, mountPath: /tmp }
{{- if .Values.network.charter }}
- { name: charter, mountPath: /etc/souk, readOnly: true }
{{- end }}
{{- end }}

{{- define "souk.dataVolumes" -}}
- { name: tmp, emptyDir: { sizeLimit: 1Gi } }
{{- if .Values.network.charter }}
- { name: charter, configMap: { name: {{ include "souk.fullname" . }}-charter } }
{{- end }}
{{- end }}

{{- define "souk.dataClaim" -}}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata:
    name: data
  spec:
    accessModes: [{{ .accessMode }}]
    {{- with .storageClass }}
    storageClassName: {{ . | quote }}
    {{- end }}
    resources: { requests: { storage: {{ .size }} } }
{{- end }}

{{/* The Services of a set: one without an address, by which pods have names, and one a pod where other sites come in. */}}
{{- define "souk.peerServices" -}}
{{- $root := .root -}}
{{- $external := $root.Values.p2p.external -}}
{{- $labels := printf "%s\napp.kubernetes.io/component: %s" (include "souk.labels" $root) .component -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{ $labels | nindent 4 }}
spec:
  clusterIP: None
  # Peers find each other, and are told their network, before any of them is ready.
  publishNotReadyAddresses: true
  selector: {{ include "souk.selector" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
  ports:
    - { name: p2p, port: {{ $root.Values.p2p.port }}, targetPort: p2p }
    - { name: http, port: {{ .httpPort }}, targetPort: http }
{{- if has $external.type (list "NodePort" "LoadBalancer") }}
{{- range $ordinal := until (int .replicas) }}
{{- $pod := printf "%s-%d" $.name $ordinal }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $pod }}-p2p
  namespace: {{ $root.Release.Namespace }}
  labels: {{ $labels | nindent 4 }}
  {{- with $external.annotations }}
  annotations:
    {{- range $key, $value := . }}
    {{ $key }}: {{ $value | replace "{pod}" $pod | replace "{ordinal}" (toString $ordinal) | quote }}
    {{- end }}
  {{- end }}
spec:
  type: {{ $external.type }}
  externalTrafficPolicy: {{ $external.externalTrafficPolicy }}
  # A peer that is not ready yet is being brought level by those who reach it.
  publishNotReadyAddresses: true
  {{- if eq $external.type "LoadBalancer" }}
  {{- with $external.loadBalancerClass }}
  loadBalancerClass: {{ . }}
  {{- end }}
  {{- with $external.loadBalancerSourceRanges }}
  loadBalancerSourceRanges: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  selector: {{ include "souk.selector" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $.component }}
    statefulset.kubernetes.io/pod-name: {{ $pod }}
  ports:
    - { name: p2p, port: {{ $root.Values.p2p.port }}, targetPort: p2p{{ if eq $external.type "NodePort" }}, nodePort: {{ add (int $.nodePort) $ordinal }}{{ end }} }
{{- end }}
{{- end }}
{{- end }}
