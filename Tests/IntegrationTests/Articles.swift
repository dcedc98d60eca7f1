/// Short sources, from which the tests' videos are made.
enum Articles {
    static let lighthouse = """
        # How a lighthouse reaches far

        A bare lamp sends most of its light to the sky and to the ground. In 1822 Augustin Fresnel cut a great lens into \
        rings of glass. Each ring bends the light into one flat beam. Sailors then saw it from thirty kilometres away.
        """

    static let tides = """
        # Why the sea comes and goes

        The moon pulls the water on the near side of the earth more than the earth itself. So the sea bulges on both sides. \
        As the earth turns, each coast passes two bulges a day. In a narrow bay the water can rise by twelve metres.
        """

    static let bees = """
        # How bees tell the way

        A bee that has found flowers dances for the others in the dark hive. The angle of the dance stands for the \
        angle to the sun. Its length stands for the distance. Karl von Frisch read this dance in the year 1944.
        """

    static let bridge = """
        # Wie eine Brücke das Gewicht trägt

        Ein Bogen aus Stein trägt sein Gewicht allein durch Druck. Jeder Stein stützt sich auf den nächsten, bis zu den \
        Pfeilern am Ufer. Deshalb halten römische Brücken seit zweitausend Jahren ohne Mörtel.
        """

    static let bread = """
        # Warum Brot aufgeht

        Hefe frisst den Zucker im Mehl und macht daraus ein Gas. Der zähe Teig hält die Blasen fest, und so wird er \
        größer. In der Hitze des Ofens dehnt sich das Gas noch einmal, dann wird die Krume fest.
        """

    /// Long enough that its rendering can be met in the middle.
    static let canal = """
        # How a canal climbs a hill

        A boat can't sail uphill, but water can lift it. A lock is a basin with a gate at each end. The boat enters the \
        empty basin from below, and the lower gate is closed behind it. Then the keeper opens a small valve, and water \
        from above fills the basin. The boat rises with it, slowly and without any engine. After some minutes the water \
        stands as high as the canal above. The upper gate opens, and the boat goes on its way. Each passage uses a whole \
        basin of water, which must come from a lake on the hill. Leonardo da Vinci drew gates that meet in a point, so \
        that the water itself presses them shut. Locks of this kind still carry ships across Europe and America.
        """
}
