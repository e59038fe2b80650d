"""The science of the application: reading, preprocessing, training and predicting. Knows no screen."""
