"""A small list of nicknames of the United States, written down by hand: each full name with its short forms.

A short form may stand for several full names. It only ever makes two files likely those of one person.
"""

#: One full name a line, with other spellings and short forms behind it.
NICKNAMES = """
abigail abby abbie gail
alexander alex alec sandy xander sasha alejandro
alexandra alex alexa sandra sandy lexi sasha alejandra
alfred al alf fred alfredo
alice allie ali alicia
amanda mandy
andrew andy drew andre andres
angela angie angelina
anna ann anne annie anita hannah nancy ana
anthony tony antonio anton
arthur art artie arturo
barbara barb babs barbie
benjamin ben benny benji
bernard bernie
beverly bev
bradley brad
bridget biddy bridie
caroline carol carrie carolyn carolina
cassandra cass cassie sandra
catherine cathy kate katie kathy kat kit kitty katherine kathryn catalina katarina kathleen caitlin
cecilia cece celia cissy
charles charlie chuck chas carlos charley
charlotte charlie lottie lotte char
christian chris
christina chris christine christy tina kristina kristin kristen kris krista cristina
christopher chris kit topher cristobal
clifford cliff
cynthia cindy
daniel dan danny danilo
daniella dani danielle daniela
david dave davy davey
deborah deb debbie debra
dennis denny
dominic nick dom domenic
donald don donny donnie
dorothy dot dottie dolly
douglas doug
edward ed eddie ned ted teddy eduardo
edwin ed eddie
eleanor ellie ella nell nora elena
elizabeth liz lizzie beth betty bess betsy eliza elsie libby lisa liza elisabeth elisa isabel
emily em emmy emilia
emma em emmy
ernest ernie ernesto
eugene gene eugenio
evelyn eve evie
florence flo flossie
frances fran frannie francie francesca francisca
francis frank frankie fran francisco paco
franklin frank
frederick fred freddie freddy rick federico
gabriel gabe
gabrielle gabby gabi gabriela ella
gerald gerry jerry gerardo
gerard gerry jerry
gertrude gert gertie trudy
gregory greg gregorio
guadalupe lupe lupita
harold harry hal
helen nell nellie helena elena
henry hank harry hal enrique
herbert herb bert
isabella bella izzy isabel isabelle
jacob jake jakob coby
jacqueline jackie jacki
james jim jimmy jamie jaime
jane janie jenny janet juana
janet jan
jason jay
jeffrey jeff geoffrey geoff
jennifer jen jenny jenn
jeremy jerry jem
jessica jess jessie
jesus chuy
joan joanie joanne jo joanna
john johnny jack jon juan johan ivan
jonathan jon jonny nathan
joseph joe joey jose pepe
josephine jo josie fina
joshua josh
judith judy judi
julia julie jules juliana
justin jus
kenneth ken kenny
kimberly kim kimmy
lawrence larry laurence lorenzo
leonard leo len lenny leonardo
leslie les
lillian lil lily lilian
louis lou louie luis lewis
louise lou lulu luisa
lucille lucy lucia
madeline maddie maddy madeleine madelyn
margaret maggie meg peggy marge margie greta daisy rita margarita megan
maria mary marie mariah mia maribel
martha marty patty
martin marty
matthew matt matty mateo
maximilian max
maxwell max
melissa missy mel lissa
michael mike mickey mick mikey miguel mitch
michelle shelly mickey chelle
mildred millie
miriam mim
mitchell mitch
mohammed mohamed mohammad muhammad mo mohamad muhammed
nancy nan
natalie nat natalia
nathan nate nat
nathaniel nate nat nathan
nicholas nick nicky nico nicolas
nicole nikki nicky nicola nicolette
olivia liv livvy
pamela pam
patricia pat patty tricia trish patsy
patrick pat paddy patricio
paul pablo pauly
peter pete pedro
philip phil felipe pip phillip
priscilla cilla prissy
rachel rae raquel shelly
rafael rafa raphael rafe
randall randy
raymond ray ramon
rebecca becca becky beca
reginald reg reggie
richard dick rich rick ricky richie ricardo
robert bob bobby rob robbie robby bert roberto
roberta bobbie robbie berta
roger rodge rogelio
ronald ron ronny ronnie
rosemary rose rosie
roy leroy
russell russ rusty
samantha sam sammy
samuel sam sammy
sarah sally sadie sara
sebastian seb bastian
sophia sophie sofia
stephanie steph stephany estefania
stephen steve stevie steven stefan esteban
susan sue susie suzy susanna suzanne suzanna susana
sylvia sylvie silvia
terence terry terrence
teresa terry tess tessa theresa tracy terri
theodore ted teddy theo
thomas tom tommy tomas
timothy tim timmy
valerie val
vanessa nessa
veronica ronnie vera roni
victor vic
victoria vicky tori vickie vicki
vincent vince vinny vicente
virginia ginny ginger
walter walt wally
wilhelmina mina willa minnie
william bill billy will willy liam guillermo
xavier javier
yolanda yoli
zachary zach zack zac zachariah
"""
