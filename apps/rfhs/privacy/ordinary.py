"""Words no bug report can do without. As names they count only where they are written like names. Pure."""

from __future__ import annotations

_SPOKEN = """
a about above access account across act action active add after again against age ago ahead air all allow almost alone
along already also alter always am among an and another answer any anyone anything appear apply are area art as ask at
away back bad base be because become been before begin behind being below best better between beyond big bill bit both
bring build bus business but buy by call came can case cause center central certain change check chip choose city clear
close come common company complete consider contact continue cook could country course cover create cross current cut
daily day dean deep depot did different direct do does done dot down draw drive drop due during each early earth east
easy edge effect either electric else empty end energy enough enter even ever every everyone everything exact example
except expect express face fact fail fair faith fall false far fast few field fill final find fine first fit five fix
floor flow fly focus follow for force form found four frank free fresh from front full further future game gap gave
gene general get give given global go goes going gone good got grace grand grant great green ground group grow guide
guy had half hand happen happy hard has have he head health hear held help her here hers high him his hit hold holding
home hope hour house how however hunter i idea if ill in include income indeed inform inside instead into is issue it
item its itself jack joy june just keep kept key kind know known lack land large last late later lead learn least leave
led left less let level life lift light like line list little live local long look lose lost lot love low made main
make man manage manner many map march mark market match matter may maybe me mean means measure meet mention middle
might miles mind mine minute miss modern moment money month more most motion move much must my name near need
nest never new news next nice night no none nor north not note nothing notice now number of off offer office often old
on once one only onto open or order other our out outside over own page paid pair part partial party pass past pat path
pay people per perfect perhaps piece pierce place plain plan planet play please plus point policy poor possible post
power present press previous price print prior private problem product progress proper provide public pull purpose push
put quest question quick quiet quite raise range rapid rate rather ray reach read ready real really reason recent
record red reduce reed remain remove reply report request rest result return rich right ring rise road rob rock role
room root rose round row rule run safe said same sandy save saw say scale school search season second section see seem
seen segment select self sell send sense sent serve service set seven several shape share sharp she shell ship short
should show side sign simple since single site six size skip slack slow small smart smooth snap so solid solve some
someone something soon sort source south space speak special speed spend split spring sprint square stand standard star
start state stay step still stop storage store strange stream street strong subject such sudden suite sum summit sun
supply support sure swift switch system take taken talk target tax team tell ten term test text than thank that the
their them then there these they thing think third this those though thought three through till time tiny to today
together told tom tomorrow too took top toward trace track trade true trust try turn two type under union unit united
until up upon us use user usual value various very via view visit wade wait walk wall want warm was watch water wave
way we web week well went were west what when where whether which while white who whole whom whose why wide will win
wind wish with within without woman wonder wood word work world worry worse would write wrong year yellow yes yet you
young your zero zone
"""
_TECHNICAL = """
abi acl ada admin agent alert alias amd ansible apache api app application archive arm array ast async auth
authentication authorization aws backup bar bash batch binary block board boot box branch browser buffer bug button
byte cache campaign cassandra catalog cd chain channel chart chat chrome ci class clean cli click client clone cloud
cluster code column command commit compass config configuration connect connection console consul container content
context cookie copy core count cpu crash crd crystal css csv dag dart dashboard data database date db ddl debug default
delete delta deploy deployment design desk dev device diff disk display dns docker docs document dom domain download
driver duration editor elastic email engine enterprise entry environment eof error esc event exchange exe export
extension feature fetch file filter firefox flag flash folder font format forward frame ftp function gate gateway gb
gcp gerrit gid git github gitlab global gpu gradle grafana graph grid gui handle hash header heap helm hex hook host
hotfix hover html http https hub hudson iam icon id ide image imap import inbound index info input install instance
integration interface internal internet ip ipc jar java javascript jenkins job json julia jwt kafka kb kernel kotlin
kubernetes label lan language latest layer ldap lfs lib library license linear link linux llm load lock log login logo
logs loop lsp lua mac machine mail manager master maven max mb md memory menu merge mesh message meta method metric mfa
micro mime min mobile mode model module monitor mount mvn native net network nfs node nomad notion npm null oauth
object oid oidc online oom oracle orm os otp output pack package packer panel parse pascal password patch pause pdf
peer perl permission permissions phase phone php pid ping pipe pipeline pixel platform plugin png pod pool port portal
postgres postgresql pr process production profile program progressive project prometheus prompt protocol provider proxy
pvc python qa query queue raf rails ram rbac react redirect redis refresh region registry release remote render replica
repo repository reset resource response rest restart retry review rfc rpc rsa ruby runtime rust safari saml sample
scala scan schema scope scratch screen script sdk secure security server session settings setup sha signal slot smtp
snapshot socket software solution spark spring sql sre ssd ssh ssl sso stack stage staging static status stderr stdout
stripe subscription svg sync syntax tab table tag task tcp template terminal thread ticket timeout timer tls token toml
tool traffic travis tree trigger tsv ttl tty tunnel udp ui uid unity update upgrade upload uri url usb utc utf uuid
vagrant vault vector vendor version video visual vm volume vpc vpn wal wan web webhook widget window windows wire
worker workflow workspace wsl xml yaml zip zoom
"""
_ADDRESSES = """
abuse accounting accounts billing careers compliance devops engineering finance hello helpdesk hostmaster hr it jobs
marketing newsletter noreply operations ops postmaster root sales sysadmin webmaster
"""
ORDINARY: frozenset[str] = frozenset(f"{_SPOKEN} {_TECHNICAL} {_ADDRESSES}".split())

# What a company's name is often said without.
_ADDED_TO_NAMES = """
ab ag and asa associates bank bv capital co company consulting corp corporation de energy enterprises financial gmbh
group health holding holdings inc incorporated industries insurance international kg kk labs limited llc llp lp ltd
media nv of oy oyj partners plc pty pvt sa sarl sas se software solutions spa srl studios systems technologies
technology the university ventures worldwide
"""
ADDED_TO_NAMES: frozenset[str] = frozenset(_ADDED_TO_NAMES.split())

# What is glued to a name in host names, branches and the like: acmeprod, stagingacme.
_AFFIXES = """
admin api app apps auth aws azure bot ci cloud cluster co com corp db dev devel dr eks env eu gcp git github gitlab gke
global gmbh group hq inc int internal io it jira k8s lab labs ltd llc my net online org prd preprod prod production
proxy qa repo repos sandbox server sso stage staging stg svc team test uat uk us vpn www
"""
AFFIXES: frozenset[str] = frozenset(_AFFIXES.split())

# Where everybody has a mailbox: the domain says nothing of a customer.
_EVERYBODYS_DOMAINS = """
aol.com fastmail.com gmail.com gmx.com gmx.de gmx.net googlemail.com hotmail.com icloud.com live.com mac.com mail.com
mail.ru me.com msn.com outlook.com pm.me proton.me protonmail.com qq.com web.de yahoo.co.uk yahoo.com yandex.ru
zoho.com 163.com 126.com
"""
EVERYBODYS_DOMAINS: frozenset[str] = frozenset(_EVERYBODYS_DOMAINS.split())
