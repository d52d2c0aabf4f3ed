package data

import "strings"

// The class names of the listed sets, in the order of their labels.
var (
	digits  = strings.Fields("0 1 2 3 4 5 6 7 8 9")
	clothes = []string{"T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker",
		"bag", "ankle boot"}
	cifar10 = strings.Fields("airplane automobile bird cat deer dog frog horse ship truck")

	// The fine labels.
	cifar100 = strings.Fields(`
		apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus
		butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch
		crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house
		kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle
		mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree
		plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark
		shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table
		tank telephone television tiger tractor train trout tulip turtle wardrobe whale
		willow_tree wolf woman worm`)

	findings = strings.Fields("atelectasis cardiomegaly effusion infiltration mass nodule pneumonia " +
		"pneumothorax consolidation edema emphysema fibrosis pleural hernia")
	tissues = []string{"adipose", "background", "debris", "lymphocytes", "mucus", "smooth muscle",
		"normal colon mucosa", "cancer-associated stroma", "colorectal adenocarcinoma epithelium"}
	lesions = []string{"actinic keratoses and intraepithelial carcinoma", "basal cell carcinoma",
		"benign keratosis-like lesions", "dermatofibroma", "melanoma", "melanocytic nevi", "vascular lesions"}
	retinas    = []string{"choroidal neovascularization", "diabetic macular edema", "drusen", "normal"}
	bloodCells = []string{"basophil", "eosinophil", "erythroblast",
		"immature granulocytes (myelocytes, metamyelocytes and promyelocytes)", "lymphocyte", "monocyte",
		"neutrophil", "platelet"}
	kidneyCells = []string{"collecting duct, connecting tubule", "distal convoluted tubule",
		"glomerular endothelial cells", "interstitial endothelial cells", "leukocytes", "podocytes",
		"proximal tubule segments", "thick ascending limb"}
	organs = []string{"bladder", "femur-left", "femur-right", "heart", "kidney-left", "kidney-right", "liver",
		"lung-left", "lung-right", "pancreas", "spleen"}
)
